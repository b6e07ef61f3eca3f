"""L1 and L5: charges in batches, durable, through rules and books, beside SQLite alone on the same disk."""
import json
import os
import subprocess

from .machine import figure, median, note

BATCHES = (8_189, 1_000, 64, 1)
SHARES = 1_000
# What is stored already when L5 charges, and what it is compared with.
STORED = (10_000_000, 100_000)


def measure(machine, quick):
    tool, floor = machine.build("ledger-benchmark"), machine.floor("ledger_rate", "-lsqlite3")
    seconds = 2 if quick else 4

    def ours(batch, shares, stored=0):
        path = fresh(machine, "ledger.db")
        command = [tool, path, str(batch), str(seconds), str(shares), str(stored)]
        made = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0])
        if made["faults"]:
            raise RuntimeError(f"the books have {made['faults']} faults")
        return made

    def theirs(batch, keys):
        command = [floor, fresh(machine, "ledger-floor.db"), str(batch), str(seconds), "1", keys]
        rate, cpu = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        return float(rate), float(cpu)

    for batch in BATCHES:
        hot, even, floors, ordered = [], [], [], []
        for _ in range(2 if quick else 5):
            floors.append(theirs(batch, "random"))
            ordered.append(theirs(batch, "ordered"))
            hot.append(ours(batch, 0))
            even.append(ours(batch, SHARES))
        rate = median([found["per_second"] for found in hot])
        spread = median([found["per_second"] for found in even])
        alone = median([found[0] for found in floors])
        bars = {"bar": 0.5, "goal": 1.0} if batch == BATCHES[0] else {}
        figure(f"L1.batch-{batch}", rate, "charges/s", f"SQLite alone, one row each under a random key, balances by commit: {alone:.0f}/s; one hot account", rate / alone, **bars)
        figure(f"L5.batch-{batch}", rate, "charges/s", f"spread over {SHARES} sub-balances: {spread:.0f}/s", rate / spread, 0.9)
        cpu, alone_cpu, ordered_cpu = (median([found[key] for found in runs]) for runs, key in ((hot, "cpu_us"), (floors, 1), (ordered, 1)))
        ordered_rate = median([found[0] for found in ordered])
        note(f"L1: batches of {batch}: {cpu:.1f} µs of processor for a charge, SQLite alone {alone_cpu:.1f}; with keys in their order {ordered_cpu:.1f}, {ordered_rate:.0f}/s")
    many, few = ([], [])
    for _ in range(1 if quick else 3):
        many.append(ours(BATCHES[0], 0, STORED[0])["per_second"])
        few.append(ours(BATCHES[0], 0, STORED[1])["per_second"])
    figure("L5.stored", median(many), "charges/s", f"with {STORED[0]} stored; with {STORED[1]}: {median(few):.0f}/s", median(many) / median(few), 0.8)
    fresh(machine, "ledger.db")


def fresh(machine, name):
    path = machine.path(name)
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.remove(path + end)
    return path
