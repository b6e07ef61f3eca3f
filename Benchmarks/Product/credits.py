"""L1 and L5: charges in batches, durable, through rules and books, beside SQLite alone on the same disk."""
import json
import os
import subprocess

from .machine import figure, median, note

BATCHES = (8_189, 1_000, 64, 1)
SHARES = 1_000


def measure(machine, quick):
    tool, floor = machine.build("ledger-benchmark"), machine.floor("ledger_rate", "-lsqlite3")
    seconds = 2 if quick else 4

    def ours(batch, shares):
        path = fresh(machine, "ledger.db")
        made = json.loads(subprocess.run([tool, path, str(batch), str(seconds), str(shares)], capture_output=True, text=True, check=True).stdout.splitlines()[0])
        if made["faults"]:
            raise RuntimeError(f"the books have {made['faults']} faults")
        return made

    def theirs(batch, accounts):
        rate, cpu = subprocess.run([floor, fresh(machine, "ledger-floor.db"), str(batch), str(seconds), str(accounts)], capture_output=True, text=True, check=True).stdout.split()
        return float(rate), float(cpu)

    for batch in BATCHES:
        hot, even, floors, cpus = [], [], [], []
        for _ in range(2 if quick else 5):
            floors.append(theirs(batch, 1))
            hot.append(ours(batch, 0))
            even.append(ours(batch, SHARES))
        rate = median([found["per_second"] for found in hot])
        spread = median([found["per_second"] for found in even])
        alone = median([found[0] for found in floors])
        bars = {"bar": 0.5, "goal": 1.0} if batch == BATCHES[0] else {}
        figure(f"L1.batch-{batch}", rate, "charges/s", f"SQLite alone, one row each, balances by commit: {alone:.0f}/s; one hot account", rate / alone, **bars)
        figure(f"L5.batch-{batch}", rate, "charges/s", f"spread over {SHARES} sub-balances: {spread:.0f}/s", rate / spread, 0.9)
        cpus = [found["cpu_us"] for found in hot]
        note(f"L1: batches of {batch}: {median(cpus):.1f} µs of processor for a charge, SQLite alone {median([found[1] for found in floors]):.1f}")


def fresh(machine, name):
    path = machine.path(name)
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.remove(path + end)
    return path
