"""A1 to A8: who may do what, decided in process, beside a floor in C and the reference implementation of Cedar.

Worlds are made once (access_world.py) and kept. What is compared is measured in turns, as processor time; the least of the rounds counts. Instructions are counted
by valgrind where that is installed, in a process that does nothing but decide: that many rounds more are that many instructions more.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time

from . import access_world
from .machine import figure, note


class Worlds:
    def __init__(self, machine, quick):
        self.machine = machine
        self.tool = machine.build("access-benchmark")
        self.floor_tool = machine.floor("decisions")
        self.rounds = 3 if quick else 10
        self.turns = 2 if quick else 4

    def path(self, name, **changes):
        """A world by the name of its size, `big` or `big-deny=5000`."""
        full = name + "".join(f"-{key}={value}" for key, value in changes.items())
        path = self.machine.path(f"access-{full}.bin")
        if not os.path.exists(path):
            note(f"making the world {full}")
            access_world.make(dict(access_world.SIZES[name], **changes), path)
        return path

    def run(self, *arguments):
        return json.loads(subprocess.run([self.tool, *map(str, arguments)], check=True, stdout=subprocess.PIPE).stdout)

    def check(self, path):
        return self.run("check", path, self.rounds)

    def floor(self, path):
        return json.loads(subprocess.run([self.floor_tool, path, str(self.rounds)], check=True, stdout=subprocess.PIPE).stdout)

    def turns_of(self, *measures):
        """Each in its turn, several times; of each the run with the least time."""
        best = [None] * len(measures)
        for _ in range(self.turns):
            for place, measure in enumerate(measures):
                result = measure()
                if best[place] is None or result["nanoseconds"] < best[place]["nanoseconds"]:
                    best[place] = result
        return best

    def instructions(self, path):
        """Instructions of a decision; None without valgrind."""
        if not shutil.which("valgrind"):
            return None
        bare = self.tool + "-bare"
        shutil.copy(self.tool, bare)
        subprocess.run(["strip", "-g", bare], check=True)

        def count(rounds):
            command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", bare, "count", path, str(rounds)]
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ, SWIFT_BACKTRACE="enable=no"))
            return int(re.search(r"Collected : (\d+)", done.stderr).group(1)), json.loads(done.stdout)["requests"]

        (one, requests), (three, _) = count(1), count(3)
        return (three - one) / 2 / requests


def reference(size, path):
    """Nanoseconds of a decision by the reference implementation of Cedar, without what its calls cost; and its name. None where it isn't installed."""
    try:
        import cedarpy
    except ImportError:
        return None
    organization, asked = access_world.make(access_world.SIZES[size], path)
    policies, entities, requests, answers = access_world.cedar(organization, asked)
    requests, answers = requests[:2000], answers[:2000]
    policies, entities = cedarpy.PolicySet.from_str(policies), cedarpy.Entities.from_json_str(entities)
    nothing = cedarpy.PolicySet.from_str("permit(principal, action, resource);"), cedarpy.Entities.from_json_str("[]")

    def measure(policies, entities):
        start = time.process_time()
        results = cedarpy.is_authorized_batch(requests, policies, entities)
        return (time.process_time() - start) / len(requests) * 1e9, results

    wrong = sum(result.allowed != answer for result, answer in zip(measure(policies, entities)[1], answers))
    name = "cedarpy " + __import__("importlib.metadata", fromlist=["version"]).version("cedarpy")
    return lambda: {"nanoseconds": measure(policies, entities)[0] - measure(*nothing)[0], "wrong": wrong}, name


def measure(machine, quick, id):
    worlds = Worlds(machine, quick)
    globals()["measure_" + id](worlds, quick)


def measure_A1(worlds, quick):
    path = worlds.path("big")
    peer = reference("big", worlds.machine.path("access-reference.bin"))
    if peer:
        ours, theirs = worlds.turns_of(lambda: worlds.check(path), peer[0])
        ratio = theirs["nanoseconds"] / ours["nanoseconds"]
        figure("A1.check", ours["nanoseconds"], "ns", f"{peer[1]}: {theirs['nanoseconds'] / 1000:.0f} µs, {theirs['wrong']} wrong", ratio, 100, 300)
        figure("A1.explain", ours["explain"], "ns", peer[1], theirs["nanoseconds"] / ours["explain"], 100)
    else:
        ours = worlds.check(path)
        figure("A1.check", ours["nanoseconds"], "ns")
        note("A1 has no peer: the package cedarpy isn't installed.")
    figure("A1.named", ours["named"], "ns")
    instructions = worlds.instructions(path)
    if instructions:
        figure("A1.instructions", instructions, "instructions", bar=8000, goal=3500)


def measure_A2(worlds, quick):
    path = worlds.path("big")
    ours, floor = worlds.turns_of(lambda: worlds.check(path), lambda: worlds.floor(path))
    figure("A2", ours["nanoseconds"], "ns", f"C floor: {floor['nanoseconds']:.0f} ns", ours["nanoseconds"] / floor["nanoseconds"], 4, 2)


def measure_A3(worlds, quick):
    thousand = worlds.path("thousand")
    for name, goal in (("many", 2.5),) + (() if quick else (("huge", 3),)):
        path = worlds.path(name)
        large, small, floor, floor_small = worlds.turns_of(
            lambda: worlds.check(path), lambda: worlds.check(thousand), lambda: worlds.floor(path), lambda: worlds.floor(thousand))
        figure(f"A3.{name}", large["nanoseconds"], "ns", f"1,000 members: {small['nanoseconds']:.0f} ns", large["nanoseconds"] / small["nanoseconds"], goal=goal)
        figure(f"A3.{name}.floor", floor["nanoseconds"], "ns", f"1,000 members: {floor_small['nanoseconds']:.0f} ns", floor["nanoseconds"] / floor_small["nanoseconds"])


def measure_A4(worlds, quick):
    few, lots = worlds.path("big"), worlds.path("big", deny=5000)
    large, small = worlds.turns_of(lambda: worlds.check(lots), lambda: worlds.check(few))
    figure("A4", large["nanoseconds"], "ns", f"50 forbids: {small['nanoseconds']:.0f} ns", large["nanoseconds"] / small["nanoseconds"], 5, 1.6)


def measure_A5(worlds, quick):
    for name in ["big", "many"] + ([] if quick else ["huge"]):
        path = worlds.path(name)
        ours, floor = worlds.run("check", path, 1), worlds.floor(path)
        figure(f"A5.{name}", ours["bytes"], "bytes per member", f"C floor: {floor['bytes']:.0f}", ours["bytes"] / floor["bytes"], 200, 80)
        figure(f"A5.{name}.resident", ours["resident"], "bytes per member", bar=200)


def measure_A6(worlds, quick):
    for name in ["small", "thousand", "big", "many"] + ([] if quick else ["huge"]):
        path = worlds.path(name)
        figure(f"A6.{name}", worlds.run("check", path, 1)["wrong"], "wrong answers", f"C floor: {worlds.floor(path)['wrong']}", bar=0)
    figure("A6.deny", worlds.run("check", worlds.path("big", deny=5000), 1)["wrong"], "wrong answers", bar=0)


def measure_A7(worlds, quick):
    path = worlds.path("big", resources=200000, members=2000, requests=2000)
    result = worlds.run("list", path)
    seconds = f"a check of each of {result['resources']:,}: {result['loop'] * 1e3:.1f} ms"
    figure("A7.list", result["list"] * 1e3, f"ms for {result['found']:.0f} found", seconds, result["loop"] / result["list"], 10)
    figure("A7.members", result["members"] * 1e3, f"ms for {result['people']} of 2,000 members")
    rate = 1e3 / worlds.check(worlds.path("big"))["nanoseconds"]
    figure("A7.rate", rate, "million checks/s on one core", bar=2)


def measure_A8(worlds, quick):
    changes = 2000 if quick else 20000
    thousand = worlds.path("thousand")
    million = worlds.path("big" if quick else "huge")
    best = {}
    for _ in range(worlds.turns):
        for name, path in (("large", million), ("small", thousand)):
            result = worlds.run("publish", path, changes)
            if name not in best or result["p99"] < best[name]["p99"]:
                best[name] = result
    large, small = best["large"], best["small"]
    figure("A8.p99", large["p99"] / 1e3, "µs", f"1,000 members: {small['p99'] / 1e3:.1f} µs", large["p99"] / small["p99"], 2)
    figure("A8.p50", large["p50"] / 1e3, "µs", f"1,000 members: {small['p50'] / 1e3:.1f} µs", large["p50"] / small["p50"])
    figure("A8.unseen", large["unseen"] + small["unseen"], "changes that the next check didn't see", bar=0)
