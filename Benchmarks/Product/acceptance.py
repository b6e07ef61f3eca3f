"""O2: accepting an invitation over HTTP: how often the disk is waited for, and the rate beside SQLite's own of committing the same rows on the same disk."""
import http.client
import os
import re
import shutil
import subprocess
import time

from .machine import Load, Server, figure, median, note
from .seed import Seed, invitees

SCRIPT = """
local lines, number = {}, 0
function init(arguments)
  local skip, place = tonumber(arguments[2]), 0
  for line in io.lines(arguments[1]) do
    place = place + 1
    if place > skip then lines[#lines + 1] = line end
  end
end
function request()
  number = number + 1
  local line = lines[(number - 1) % #lines + 1]
  local id, secret = line:match("(%S+) (%S+)")
  return wrk.format("PUT", "/api/v1/account/invitations/" .. id .. "/acceptance", {["Authorization"] = "Bearer " .. secret})
end
"""


def measure(machine, quick):
    seed = Seed.of(machine, 10_000).copy(machine)
    people = invitees(seed, 150_000 if not quick else 60_000)
    open(machine.path("accept.lua"), "w").write(SCRIPT)
    with open(machine.path("invitations"), "w") as file:
        file.writelines(f"{id} {secret}\n" for id, secret in people)
    floors = Floors(machine, seed)
    used = 0
    with Server.guildhall(machine, seed.path, "--rate-limits", "off") as server:
        # One after another: each waits for its own commit.
        lone = people[:300]
        used += len(lone)
        syncs = sync_count(server, lone, machine.path("syncs.txt"))
        figure("O2.syncs", syncs / len(lone), "fsyncs for one acceptance", "alone on one connection, checkpoints of the log included; bar is at most", bar=1.1)
        ours, same_rows, one_row, cpu = [], [], [], []
        for _ in range(2 if quick else 5):
            same_rows.append(floors.same_rows())
            one_row.append(floors.one_row())
            before = server.cpu()
            load = Load.on(server.url, 2, script=machine.path("accept.lua"), arguments=[machine.path("invitations"), str(used)])
            cpu.append((server.cpu() - before) / load.requests)
            used += load.requests + 64
            if load.refused or load.errors:
                raise RuntimeError(f"{load.refused} refused, {load.errors} lost")
            if used > len(people):
                raise RuntimeError("the invitations ran out: some were accepted twice")
            ours.append(load.rate)
        accepted = server.ask("GET", f"/api/v1/organizations/{seed.slug}", token=seed.token)
    note(f"O2: {median(cpu) * 1e6:.0f} µs of processor for one acceptance; members now {accepted.get('member_count', accepted.get('members'))}")
    figure("O2", median(ours), "acceptances/s", f"SQLite, the same rows by one durable commit after another: {median(same_rows):.0f}/s; 64 connections", median(ours) / median(same_rows), 0.5)
    figure("O2.one-row", median(ours), "acceptances/s", f"SQLite, one short row by each commit: {median(one_row):.0f}/s", median(ours) / median(one_row))
    figure("O2.processor", median(cpu) * 1e6, "µs of processor for one acceptance")


class Floors:
    """How often plain SQLite commits durably, nothing asked and nothing decided."""

    def __init__(self, machine, seed):
        self.machine, self.original = machine, machine.path("floor-original.db")
        shutil.copy(seed.path, self.original)
        self.acceptances, self.commits = machine.floor("acceptance_rate", "-lsqlite3"), machine.floor("commit_rate", "-lsqlite3")

    def same_rows(self):
        """What an acceptance changes, into tables of the same size with the same indexes."""
        path = self.machine.path("floor.db")
        for end in ("-wal", "-shm"):
            if os.path.exists(path + end):
                os.remove(path + end)
        shutil.copy(self.original, path)
        return self._rate(self.acceptances, path)

    def one_row(self):
        return self._rate(self.commits, self.machine.path("floor-row.db"))

    @staticmethod
    def _rate(program, path):
        return float(subprocess.run([program, path, "2"], capture_output=True, text=True, check=True).stdout.split()[0])


def sync_count(server, people, log):
    """How often the server asked the disk to have written, while so many accepted."""
    tracer = subprocess.Popen(["strace", "-f", "-c", "-o", log, "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-p", str(server.process.pid)], stderr=subprocess.DEVNULL)
    time.sleep(1)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for id, secret in people:
        connection.request("PUT", f"/api/v1/account/invitations/{id}/acceptance", headers={"Authorization": f"Bearer {secret}"})
        response = connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status} {content[:300]!r}")
    connection.close()
    tracer.send_signal(2)
    tracer.wait()
    calls = 0
    for line in open(log):
        fields = line.split()
        if len(fields) >= 5 and re.fullmatch(r"(fsync|fdatasync|sync_file_range|msync)", fields[-1]):
            calls += int(fields[3])
    os.remove(log)
    return calls
