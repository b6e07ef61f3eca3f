"""A page of 50 of 100,000 members in a browser: when its content is painted, what moves afterwards, and how much of styles and scripts comes over the wire."""
import json
import os
import subprocess

from .machine import Server, figure, median, note
from .seed import PASSWORD, Seed


def measure(machine, quick):
    seed = Seed.of(machine, 10_000 if quick else 100_000).copy(machine)
    root = os.path.dirname(machine.benchmarks)
    assets = os.path.join(root, "var", "assets")
    more = ["--asset-folder", assets] if os.path.isdir(assets) else []
    with Server.guildhall(machine, seed.path, "--rate-limits", "off", *more) as server:
        session = server.ask("POST", "/api/v1/sessions", {"login": "ada", "password": PASSWORD})["secret"]
        command = [os.path.join(root, "Scripts", "python"), os.path.join(machine.benchmarks, "Product", "painter.py"), server.url, f"/{seed.slug}/members", session]
        seen = json.loads(subprocess.run([*command, "5" if quick else "20"], capture_output=True, text=True, check=True).stdout)
    cold, warm = seen["cold"], seen["warm"]
    if cold["rows"] != 50:
        raise RuntimeError(f"the page shows {cold['rows']} rows, not 50")
    times = sorted(look["largest"] for look in warm)
    note(f"paint: {'with' if more else 'without'} fonts of its own; first paint {median([look['first'] for look in warm]):.0f} ms, answered after "
         f"{median([look['answered'] for look in warm]):.0f} ms, slowest {times[-1]:.0f} ms, cold {cold['largest']:.0f} ms, the page {cold['page']} bytes")
    figure("paint", median(times), "ms from the request to the largest content's paint", bar=200)
    figure("paint.shift", max(look["shift"] for look in warm + [cold]), "layout shift", bar=0)
    figure("paint.wire", cold["wire"] / 1000, f"kB of styles and scripts over the wire, {cold['files']} files", bar=100)
