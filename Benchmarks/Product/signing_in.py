"""Password sign-ins over HTTP, beside a loop of argon2 alone with the same cost on as many threads; and whether the server answers others meanwhile."""
import os
import sqlite3
import subprocess
import threading
import time

from .machine import Load, Server, child_cpu, figure, median, note
from .seed import PASSWORD, PEOPLE_WITH_PASSWORD, Seed

SCRIPT = """
local handles, number = {}, 0
function init(arguments)
  for line in io.lines(arguments[1]) do handles[#handles + 1] = line end
end
function request()
  number = number + 1
  local network = string.format("10.%d.%d.%d", math.floor(number / 65536) % 250, math.floor(number / 256) % 256, number % 256)
  return wrk.format("POST", "/api/v1/sessions", {["Content-Type"] = "application/json", ["X-Forwarded-For"] = network},
    '{"login":"' .. handles[(number - 1) % #handles + 1] .. '","password":"PASSWORD"}')
end
""".replace("PASSWORD", PASSWORD)


def measure(machine, quick):
    seed = Seed.of(machine, 10_000).copy(machine)
    db = sqlite3.connect(seed.path)
    handles = [row[0] for row in db.execute(
        "SELECT n.key FROM name n JOIN account a ON a.id = n.owner WHERE n.current = 1 AND a.active = 1 AND a.super_user = 0 AND a.password IS NOT NULL LIMIT ?", (PEOPLE_WITH_PASSWORD,))]
    db.close()
    open(machine.path("handles"), "w").write("\n".join(handles) + "\n")
    open(machine.path("sign-in.lua"), "w").write(SCRIPT)
    floor = machine.floor("argon2_rate", "-largon2")
    threads = str(os.cpu_count())
    seconds = 5 if quick else 10
    ours, theirs, waits = [], [], []
    with Server.guildhall(machine, seed.path, "--rate-limits", "off", "--trusted-proxies", "1") as server:
        sign_in = lambda: Load.on(server.url, seconds, connections=16, script=machine.path("sign-in.lua"), arguments=[machine.path("handles")])
        sessions = settled(seed)
        for _ in range(2 if quick else 5):
            before = child_cpu()
            done = subprocess.run([floor, threads, str(seconds)], capture_output=True, text=True, check=True)
            count, wall = done.stdout.split()
            theirs.append(((child_cpu() - before) / int(count), int(count) / float(wall)))
            before = server.cpu()
            ending = threading.Event()
            asking = threading.Thread(target=ask_meanwhile, args=(server, ending, waits))
            asking.start()
            load = sign_in()
            ending.set()
            asking.join()
            if load.refused or load.errors:
                raise RuntimeError(f"{load.refused} refused, {load.errors} lost")
            # What was begun and not waited for is finished as well, and was paid for.
            now = settled(seed)
            ours.append(((server.cpu() - before) / (now - sessions), load.rate))
            sessions = now
    cpu, argon2_cpu = median([c for c, _ in ours]), median([c for c, _ in theirs])
    rate, argon2_rate = median([r for _, r in ours]), median([r for _, r in theirs])
    waits.sort()
    note(f"sign-in: {rate:.1f}/s and argon2 alone {argon2_rate:.1f}/s")
    figure("sign-in", cpu * 1e3, "ms of processor per sign-in", f"argon2 alone, {threads} threads: {argon2_cpu * 1e3:.2f} ms", argon2_cpu / cpu, 0.9)
    figure("sign-in.rate", rate, "sign-ins/s", f"argon2 alone, {threads} threads: {argon2_rate:.1f}/s", rate / argon2_rate, 0.9)
    figure("sign-in.others", waits[int(len(waits) * 0.99)] * 1e3, "ms", f"p99 of /healthz while 16 connections sign in; p50 {median(waits) * 1e3:.2f} ms")


def settled(seed):
    """How many sessions there are when no more come."""
    db = sqlite3.connect(f"file:{seed.path}?mode=ro", uri=True)
    count, before = db.execute("SELECT count(*) FROM session").fetchone()[0], None
    while count != before:
        time.sleep(0.7)
        count, before = db.execute("SELECT count(*) FROM session").fetchone()[0], count
    db.close()
    return count


def ask_meanwhile(server, ending, waits):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    while not ending.is_set():
        started = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        waits.append(time.perf_counter() - started)
        time.sleep(0.01)
    connection.close()
