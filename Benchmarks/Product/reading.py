"""Reading one member as JSON, beside the web framework's own JSON answer of the same shape: processor time per request at 64 connections."""
from .machine import Load, Server, figure, median, note
from .seed import Seed


def measure(machine, quick):
    seed = Seed.of(machine, 10_000).copy(machine)
    path = f"/api/v1/organizations/{seed.slug}/members/{seed.member}"
    authorization = f"Authorization: Bearer {seed.token}"
    ours, theirs = [], []
    with Server.guildhall(machine, seed.path, "--rate-limits", "off") as product, Server.bare(machine) as bare:
        def round(server, seconds):
            before = server.cpu()
            load = Load.on(server.url + path, seconds, headers=[authorization])
            if load.refused or load.errors:
                raise RuntimeError(f"{load.refused} refused, {load.errors} lost")
            return (server.cpu() - before) / load.requests, load.rate
        for server in (product, bare):
            round(server, 1)
        for _ in range(2 if quick else 7):
            theirs.append(round(bare, 3))
            ours.append(round(product, 3))
    cpu, bare_cpu = median([c for c, _ in ours]), median([c for c, _ in theirs])
    rate, bare_rate = median([r for _, r in ours]), median([r for _, r in theirs])
    note(f"read: {rate:.0f} and {bare_rate:.0f} requests/s ({rate / bare_rate:.2f} ×)")
    figure("read", cpu * 1e6, "µs of processor per request", f"Hummingbird's own JSON answer: {bare_cpu * 1e6:.1f} µs", bare_cpu / cpu, 0.5)
    figure("read.rate", rate, "requests/s", f"Hummingbird's own JSON answer: {bare_rate:.0f}/s", rate / bare_rate, 0.5)
