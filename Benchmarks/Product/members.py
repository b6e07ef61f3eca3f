"""O1: pages of members at 1e3 … 1e6, in the core and over HTTP, beside the least that plain SQLite does on the same rows."""
import http.client
import json
import os
import random
import sqlite3
import subprocess
import time
import urllib.parse

from .machine import Server, figure, median, note
from .seed import Seed


def measure(machine, quick):
    sizes = [1000, 10_000] if quick else [1000, 10_000, 100_000, 1_000_000]
    seeds = {size: Seed.of(machine, size) for size in sizes}
    small, big = sizes[0], sizes[-1]
    core = in_core(machine, seeds, quick)
    plain = {size: on_sqlite(seed) for size, seed in seeds.items()}
    for query, figures in core.items():
        note(f"O1 {query}: " + ", ".join(f"{size:.0e}: p50 {f['p50']:.0f} µs, processor {f['cpu']:.0f} µs" for size, f in figures.items()))
    note("O1 plain SQLite: " + ", ".join(f"{size:.0e}: page {f['page']:.0f} µs" for size, f in plain.items()))
    for query, figures in core.items():
        if query.startswith("page"):
            name = "O1." + query.replace(" ", ".").replace("=", "-")
            # Where few fit, the smallest organization in which they nearly fill a page.
            base = min((size for size in sizes if figures[size]["rows"] >= 45), default=small)
            figure(name, figures[big]["cpu"], "µs of processor", f"{base:,} members: {figures[base]['cpu']:.0f} µs; ratio is {big:,} by {base:,}", figures[big]["cpu"] / figures[base]["cpu"], 2)
    page = core["page"]
    figure("O1.page.plain", page[big]["p50"], "µs, p50", f"the same rows by one statement of plain SQLite: {plain[big]['page']:.0f} µs; ratio is times as long", page[big]["p50"] / plain[big]["page"])
    searched = 100_000 if 100_000 in seeds else big
    trigram = on_trigrams(machine, seeds[searched])
    for query, figures in core.items():
        if query.startswith("search"):
            bar = 1000 if query == "search 5" else None
            figure("O1." + query.replace(" ", "."), figures[searched]["p50"], "µs, p50", f"{searched:,} members; plain SQLite with FTS5 trigrams, 5 characters: {trigram:.0f} µs", bar=bar)
    over_http(machine, seeds, small, big, quick)


def in_core(machine, seeds, quick):
    command = [machine.build("member-benchmark"), str(20 if quick else 60)]
    for size, seed in seeds.items():
        command += [str(size), seed.path]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        found.setdefault(row["query"], {})[row["size"]] = row
    return found


def on_sqlite(seed):
    db = sqlite3.connect(f"file:{seed.path}?mode=ro", uri=True)
    db.execute("PRAGMA mmap_size = 2000000000")
    statement = """
      SELECT m.id, m.roles, m.since, a.name, n.text, e.address FROM member m JOIN account a ON a.id = m.account JOIN name n ON n.owner = a.id AND n.current = 1
      JOIN account_email e ON e.account = a.id AND e.is_primary = 1
      WHERE m.organization = ? AND (m.sort_name, m.id) > (?, ?) ORDER BY m.sort_name, m.id LIMIT 51"""
    times = []
    for _ in range(2):
        for person in seed.facts["sample"]:
            started = time.perf_counter()
            db.execute(statement, (seed.organization, person["sort_name"], person["id"])).fetchall()
            times.append(time.perf_counter() - started)
    db.close()
    return {"page": median(times[len(times) // 2:]) * 1e6}


def on_trigrams(machine, seed):
    """A search table of nothing but these members: what a database of one organization could do."""
    path = machine.path("trigrams.db")
    if os.path.exists(path):
        os.remove(path)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("ATTACH ? AS product", (seed.path,))
    db.execute("CREATE VIRTUAL TABLE f USING fts5 (search_text, content = '', tokenize = 'trigram')")
    db.execute("INSERT INTO f (rowid, search_text) SELECT rowid, search_text FROM product.member")
    times = []
    for _ in range(2):
        for person in seed.facts["sample"]:
            started = time.perf_counter()
            db.execute(
                "SELECT m.id, m.sort_name, m.roles FROM f CROSS JOIN product.member m ON m.rowid = f.rowid WHERE f MATCH ? ORDER BY m.sort_name LIMIT 51",
                ('"' + person["name"].lower()[-5:] + '"',)).fetchall()
            times.append(time.perf_counter() - started)
    db.close()
    os.remove(path)
    return median(times[len(times) // 2:]) * 1e6


def over_http(machine, seeds, small, big, quick):
    """One connection, one page after another, all sizes in turns."""
    times, cpu = {}, {}
    servers = {size: Server.guildhall(machine, seeds[size].path, "--rate-limits", "off") for size in (small, big)}
    try:
        rng = random.Random(3)
        for round in range(4 if quick else 12):
            for size, server in servers.items():
                seed = seeds[size]
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
                before = server.cpu()
                count = 25
                for _ in range(count):
                    person = rng.choice(seed.facts["sample"])
                    cursor = cursor_text("members-by-name", person["sort_name"], person["id"])
                    started = time.perf_counter()
                    connection.request("GET", f"/api/v1/organizations/{seed.slug}/members?cursor={urllib.parse.quote(cursor)}", headers={"Authorization": f"Bearer {seed.token}"})
                    response = connection.getresponse()
                    content = response.read()
                    times.setdefault(size, []).append(time.perf_counter() - started)
                    if response.status != 200:
                        raise RuntimeError(f"{response.status} {content[:300]!r}")
                if round > 0:
                    cpu.setdefault(size, []).append((server.cpu() - before) / count)
                connection.close()
    finally:
        for server in servers.values():
            server.stop()
    note("O1 over HTTP: " + ", ".join(f"{size:.0e}: p50 {median(times[size]) * 1e6:.0f} µs" for size in servers))
    figure("O1.http", median(cpu[big]) * 1e6, "µs of processor", f"{small:,} members: {median(cpu[small]) * 1e6:.0f} µs; ratio is {big:,} by {small:,}", median(cpu[big]) / median(cpu[small]), 2)


def cursor_text(*texts):
    import base64
    return base64.urlsafe_b64encode(b"".join(text.encode() + b"\0" for text in texts)).decode().rstrip("=")
