"""L7: usage events over HTTP in batches, durable, each once by its id, priced and charged, beside the rate of SQLite's own commits of as many rows."""
import datetime
import os

from .machine import Load, Server, figure, median, note
from .seed import PASSWORD, Seed

SCRIPT = """
local size, number, round, lines = 0, 0, 0, {}
function init(arguments)
  size, round = tonumber(arguments[1]), arguments[2]
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. arguments[3]
  wrk.headers["Content-Type"] = "application/json"
  for place = 1, 50 do
    lines[place] = string.format(
      '","at":"%s","resource":"gpu","preset":"preset-%d","unit":"second","quantity":"%d.5","cluster":"cluster-%d"}', arguments[4], place % 5, place * 7, place % 10)
  end
end
function request()
  local events = {}
  for place = 1, size do
    number = number + 1
    events[place] = '{"id":"' .. string.format("%s-%012d", round, number) .. lines[number % 50 + 1]
  end
  return wrk.format(nil, nil, nil, '{"source":"scheduler","events":[' .. table.concat(events, ",") .. "]}")
end
"""


def measure(machine, quick):
    seed = Seed.of(machine, 10_000).copy(machine)
    script = machine.path("usage.lua")
    open(script, "w").write(SCRIPT)
    with Server.guildhall(machine, seed.path, "--rate-limits", "off") as server:
        price = {"resource": "gpu", "unit": "second", "per": "3600", "tiers": [{"up_to": "100000", "credits": "2.5"}, {"credits": "2"}]}
        session = server.ask("POST", "/api/v1/sessions", {"login": "ada", "password": PASSWORD})["secret"]
        server.ask("POST", "/api/v1/prices", price, token=session)
        path = f"/api/v1/organizations/{seed.slug}/usage-events"
        for round, batch in enumerate((1000, 100, 10)):
            rates, cpu, lost = [], [], 0
            for time in range(2 if quick else 5):
                at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
                before = server.cpu()
                load = Load.on(server.url + path, 3, connections=16, script=script, arguments=[str(batch), f"{round}{time}", seed.token, at])
                if load.refused or load.errors:
                    raise RuntimeError(f"{load.refused} refused, {load.errors} lost")
                rates.append(load.rate * batch)
                cpu.append((server.cpu() - before) / (load.requests * batch))
            bars = {"bar": 1, "goal": 10} if batch >= 100 else {}
            figure(f"L7.batch-{batch}", median(rates), "events/s", "10,000/s; 16 connections, one organization, with prices and charges", median(rates) / 10_000, **bars)
            note(f"L7: batches of {batch}: {median(cpu) * 1e6:.1f} µs of processor for an event; the database has {os.path.getsize(seed.path) >> 20} MB")
