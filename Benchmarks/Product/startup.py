"""C1: from the start of the process to the first answer, beside an empty server of the same framework."""
from .machine import Server, figure, median, note
from .seed import Seed


def measure(machine, quick):
    seed = Seed.of(machine, 10_000)
    rounds = 5 if quick else 21
    ours, theirs, our_cpu, their_cpu = [], [], [], []
    for _ in range(rounds):
        with Server.bare(machine) as server:
            theirs.append(server.first_answer)
            their_cpu.append(server.cpu())
        # `readyz` asks the database; an answer to it is worth having.
        with Server.guildhall(machine, seed.path, path="/readyz") as server:
            ours.append(server.first_answer)
            our_cpu.append(server.cpu())
    note(f"C1: wall {median(ours) * 1e3:.1f} and {median(theirs) * 1e3:.1f} ms, processor {median(our_cpu) * 1e3:.1f} and {median(their_cpu) * 1e3:.1f} ms")
    figure("C1.start", median(ours) * 1e3, "ms", f"empty Hummingbird server: {median(theirs) * 1e3:.1f} ms; ratio is times as long", median(ours) / median(theirs), 2, 1.2)
    figure("C1.start.least", min(ours) * 1e3, "ms", f"empty Hummingbird server: {min(theirs) * 1e3:.1f} ms; ratio is times as long", min(ours) / min(theirs), 2, 1.2)
    figure("C1.start.processor", median(our_cpu) * 1e3, "ms", f"empty Hummingbird server: {median(their_cpu) * 1e3:.1f} ms; ratio is times as much", median(our_cpu) / median(their_cpu), 2, 1.2)
    if not quick:
        big = Seed.of(machine, 1_000_000)
        times = []
        for _ in range(5):
            with Server.guildhall(machine, big.path, path="/readyz") as server:
                times.append(server.first_answer)
        figure("C1.million", median(times) * 1e3, "ms", "a database of 1,000,000 members; bar in ms", bar=1000)
