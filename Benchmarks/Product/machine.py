"""Builds, processes and their use of the processor, and how a figure is printed."""
import http.client
import json
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time

TICK = os.sysconf("SC_CLK_TCK")


def figure(id, value, unit, against=None, ratio=None, bar=None, goal=None):
    """Prints one line; four significant digits."""
    def short(number):
        rounded = float(f"{number:.4g}")
        return int(rounded) if rounded == int(rounded) else rounded
    line = {"id": id, "value": short(value), "unit": unit}
    if against is not None:
        line["against"] = against
    for name, number in (("ratio", ratio), ("bar", bar), ("goal", goal)):
        if number is not None:
            line[name] = short(number)
    print(json.dumps(line, ensure_ascii=False), flush=True)


def note(text):
    print(text, file=sys.stderr, flush=True)


def median(numbers):
    return statistics.median(numbers)


class Machine:
    def __init__(self, benchmarks):
        self.benchmarks = benchmarks
        self.scratch = os.path.join(benchmarks, ".build")
        self.data = os.environ.get("GUILDHALL_BENCHMARK_DATA", os.path.join(self.scratch, "data"))
        os.makedirs(self.data, exist_ok=True)
        self.built = {}

    def describe(self):
        cores = os.cpu_count()
        load = " ".join(f"{x:.2f}" for x in os.getloadavg())
        note(f"{time.strftime('%Y-%m-%d %H:%M')}, {cores} cores, load {load}")

    def build(self, product):
        """A Swift product of this package or of the product's own, as `make build` builds it."""
        if product not in self.built:
            folder = os.path.join(self.scratch, "release")
            if not os.environ.get("GUILDHALL_BENCHMARK_NO_BUILD"):
                command = ["swift", "build", "--configuration", "release", "--static-swift-stdlib", "--product", product]
                subprocess.run(command, cwd=self.benchmarks, check=True, stdout=sys.stderr)
            self.built[product] = os.path.join(folder, product)
        return self.built[product]

    def floor(self, name, *libraries):
        """A program in C: the least that does the work."""
        if name not in self.built:
            target = os.path.join(self.scratch, name)
            source = os.path.join(self.benchmarks, "Product", "floors", f"{name}.c")
            subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-o", target, source, "-lpthread", *libraries], check=True)
            self.built[name] = target
        return self.built[name]

    def path(self, name):
        return os.path.join(self.data, name)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server in a process of its own, from its start to its first answer and to its end."""

    def __init__(self, program, arguments, port, path="/healthz", log=subprocess.DEVNULL):
        self.port = port
        started = time.perf_counter()
        self.process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=log)
        self.first_answer = self._wait(path, started)

    @classmethod
    def guildhall(cls, machine, database, *more, path="/healthz"):
        port = free_port()
        arguments = ["serve", "--database", database, "--listen", f"127.0.0.1:{port}", "--public-url", f"http://127.0.0.1:{port}", "--log-level", "error", *more]
        return cls(machine.build("guildhall"), arguments, port, path)

    @classmethod
    def bare(cls, machine):
        port = free_port()
        return cls(machine.build("bare-server"), [str(port)], port)

    def _wait(self, path, started):
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode()
        while time.perf_counter() - started < 120:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.process.args[0]} ended with {self.process.returncode}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
                    connection.sendall(request)
                    if connection.recv(64).startswith(b"HTTP/1.1 200"):
                        return time.perf_counter() - started
            except OSError:
                pass
            time.sleep(0.0005)
        raise RuntimeError("no answer within two minutes")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def cpu(self):
        """Processor seconds so far: of the threads there are, to the nanosecond, or of all to the clock tick, whichever is more."""
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(") ", 1)[1].split()
        coarse = (int(fields[11]) + int(fields[12])) / TICK
        fine = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            try:
                fine += int(open(f"/proc/{self.process.pid}/task/{thread}/schedstat").read().split()[0])
            except (OSError, IndexError):
                pass
        fine /= 1e9
        return fine if abs(fine - coarse) < 0.05 else coarse

    def resident(self):
        """Bytes in memory."""
        return int(re.search(r"VmRSS:\s+(\d+) kB", open(f"/proc/{self.process.pid}/status").read())[1]) * 1024

    def stop(self):
        """Asks it to end, and answers the processor seconds of its whole life."""
        self.process.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return usage.ru_utime + usage.ru_stime

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.returncode is None:
            self.stop()

    def ask(self, method, path, body=None, token=None, headers=None):
        """One request on a connection of its own; answers the JSON, refuses what isn't 2xx."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None
        if body is not None:
            data = json.dumps(body)
            headers["Content-Type"] = "application/json"
        connection.request(method, path, data, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        if response.status // 100 != 2:
            raise RuntimeError(f"{method} {path}: {response.status} {content[:300]!r}")
        return json.loads(content) if content else None


class Load:
    """What wrk saw."""

    def __init__(self, text):
        self.requests = int(re.search(r"(\d+) requests in", text)[1])
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        self.refused = int(refused[1]) if refused else 0
        errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
        self.errors = sum(map(int, errors.groups())) if errors else 0

    @classmethod
    def on(cls, url, seconds, connections=64, headers=(), script=None, arguments=(), timeout=30):
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", f"{timeout}s"]
        for header in headers:
            command += ["-H", header]
        if script:
            command += ["-s", script]
        command.append(url)
        if arguments:
            command += ["--", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
        return cls(done.stdout)


def child_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
