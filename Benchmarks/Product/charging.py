"""L2 to L4: charges of one organization, in batches and one by one over HTTP, beside PostgreSQL's own and the disk alone."""
import http.client
import json
import os
import statistics
import subprocess
import time

from .credits import fresh
from .machine import Load, Server, figure, median, note
from .postgres import Postgres
from .seed import Seed

RANDOM = "\\set k random(1, 9000000000000000000)\n\\set c random(10001, 20000)\n"
HOT = RANDOM + """begin;
insert into transfer (key, debit, credit, amount) values ('k' || :k, 1, :c, 5);
update account set balance = balance - 5 where id = 1 and balance >= 5;
update account set balance = balance + 5 where id = :c;
commit;
"""
FUNCTION = RANDOM + "select charge('k' || :k, 1, :c, 5);\n"
BATCH = RANDOM + "select charge_many('b' || :k || '_', 1, 1000);\n"

# Ids that grow with time, as clients are told to make them.
SCRIPT = """
local number, headers, path = 0, nil, nil
function init(arguments)
  number = tonumber(arguments[2])
  path = "/api/v1/organizations/" .. arguments[3] .. "/charges"
  headers = {["Authorization"] = "Bearer " .. arguments[1], ["Content-Type"] = "application/json"}
end
function request()
  number = number + 1
  local id = string.format("0197%08x-7000-8000-%012x", math.floor(number / 65536), number):gsub("^(%x%x%x%x%x%x%x%x)(%x%x%x%x)", "%1-%2")
  return wrk.format("POST", path, headers, '{"id":"' .. id .. '","amount":"0.000005"}')
end
"""


def measure(machine, quick):
    rounds, seconds = (2, 2) if quick else (5, 4)
    batches(machine, rounds, seconds)
    single(machine, rounds, seconds)


def batches(machine, rounds, seconds):
    tool = machine.build("ledger-benchmark")
    ours, theirs, hot, sets = [], [], [], []
    with Postgres() as postgres:
        postgres.execute(os.path.join(machine.benchmarks, "Product", "floors", "charges.sql"))
        for _ in range(rounds):
            hot.append(postgres.rate(HOT, 16, seconds))
            sets.append(1000 * postgres.rate(BATCH, 1, seconds))
            made = subprocess.run([tool, fresh(machine, "ledger.db"), "8189", str(seconds), "0"], capture_output=True, text=True, check=True)
            ours.append(json.loads(made.stdout.splitlines()[0])["per_second"])
            made = subprocess.run([tool, postgres.database(), "8189", str(seconds), "0"], capture_output=True, text=True, check=True)
            theirs.append(json.loads(made.stdout.splitlines()[0])["per_second"])
    rate = median(ours)
    figure("L2", rate, "charges/s", f"pgbench, one hot account, 16 clients: {median(hot):.0f}/s; batches of 8,189", rate / median(hot), 20, 50)
    figure("L2.sets", rate, "charges/s", f"PostgreSQL, 1,000 in one statement: {median(sets):.0f}/s", rate / median(sets), 4)
    figure("L2.postgres", median(theirs), "charges/s", f"on PostgreSQL, beside its 1,000 in one statement: {median(sets):.0f}/s", median(theirs) / median(sets), 0.8)


def single(machine, rounds, seconds):
    seed = Seed.of(machine, 10_000).copy(machine)
    open(machine.path("charge.lua"), "w").write(SCRIPT)
    ours, functions, cpu, used = [], [], [], 0
    with Postgres() as postgres, Server.guildhall(machine, seed.path, "--rate-limits", "off") as server:
        postgres.execute(os.path.join(machine.benchmarks, "Product", "floors", "charges.sql"))
        def load(time):
            nonlocal used
            made = Load.on(server.url, time, script=machine.path("charge.lua"), arguments=[seed.token, str(used), seed.slug])
            used += made.requests + 1_000
            if made.refused or made.errors:
                raise RuntimeError(f"{made.refused} refused, {made.errors} lost")
            return made
        load(1)
        for _ in range(rounds):
            functions.append(postgres.rate(FUNCTION, 16, seconds))
            before = server.cpu()
            made = load(seconds)
            cpu.append((server.cpu() - before) / made.requests)
            ours.append(made.rate)
        rate = median(ours)
        figure("L3", rate, "charges/s", f"pgbench, charge() on one hot account, 16 clients: {median(functions):.0f}/s; over HTTP, 64 connections", rate / median(functions), 5, 15)
        figure("L3.processor", median(cpu) * 1e6, "µs of processor for one charge over HTTP")
        writes, made = syncs(machine, server, load)
        figure("L3.syncs", made / writes, "charges for each fsync", "64 connections", bar=8)
        lone(machine, server, seed, 200 if rounds < 5 else 1_000)


def syncs(machine, server, load):
    """How often the disk was waited for, and for how many charges."""
    log = machine.path("syncs.txt")
    tracer = subprocess.Popen(["strace", "-f", "-c", "-o", log, "-e", "trace=fsync,fdatasync", "-p", str(server.process.pid)], stderr=subprocess.DEVNULL)
    time.sleep(1)
    made = load(3)
    tracer.send_signal(2)
    tracer.wait()
    calls = sum(int(line.split()[3]) for line in open(log) if line.split()[-1:] in (["fsync"], ["fdatasync"]))
    os.remove(log)
    return calls, made.requests


def lone(machine, server, seed, count):
    """One after another on one connection: what a charge costs beyond the disk and the connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {seed.token}", "Content-Type": "application/json"}
    disk, exchanges, charges = [], [], []
    page = os.open(machine.path("page"), os.O_CREAT | os.O_WRONLY)
    for number in range(count):
        disk.append(timed(lambda: (os.pwrite(page, b"x" * 4096, 4096 * (number % 64)), os.fdatasync(page))))
        exchanges.append(timed(lambda: ask(connection, "GET", "/healthz", None, {})))
        charges.append(timed(lambda: ask(connection, "POST", f"/api/v1/organizations/{seed.slug}/charges", '{"amount":"0.000005"}', headers)))
    os.close(page)
    disk, exchange, charge = (statistics.median(times) * 1e6 for times in (disk, exchanges, charges))
    against = f"fdatasync {disk:.0f} µs and an HTTP exchange {exchange:.0f} µs, each at its median; bar is at most"
    figure("L4", charge, "µs for a lone charge at the median", against, charge / (disk + exchange), 2)


def ask(connection, method, path, body, headers):
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    content = response.read()
    if response.status // 100 != 2:
        raise RuntimeError(f"{method} {path}: {response.status} {content[:300]!r}")


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
