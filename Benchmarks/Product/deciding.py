"""H1 to H3: decisions over HTTP beside nginx with a file of 1 kB, on the same processors with the same clients."""
import json
import os
import re
import shutil
import subprocess
import tempfile

from .machine import Load, Server, figure, free_port, median
from .seed import Seed

SCRIPT = """
local text
function init(arguments)
  local path = "/api/v1/organizations/" .. arguments[2] .. "/decisions/" .. arguments[3]
  text = wrk.format("POST", path, {["Authorization"] = "Bearer " .. arguments[1], ["Content-Type"] = "application/json"}, arguments[4])
end
function request() return text end
"""

NGINX = """
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


class Nginx:
    """nginx that serves one file of 1 kB; `NGINX` in the environment says where it is."""

    def __init__(self):
        self.program = os.environ.get("NGINX") or shutil.which("nginx") or "/usr/sbin/nginx"
        self.folder = tempfile.mkdtemp(prefix="guildhall-nginx-")
        os.chmod(self.folder, 0o755)
        self.port = free_port()
        open(os.path.join(self.folder, "file"), "w").write("x" * 1024)
        configuration = os.path.join(self.folder, "nginx.conf")
        open(configuration, "w").write(NGINX.format(folder=self.folder, port=self.port))
        self.server = Server(self.program, ["-c", configuration, "-g", "daemon off;"], self.port, "/file")
        self.url = f"http://127.0.0.1:{self.port}/file"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def latency(url, seconds, script=None, arguments=()):
    """The 99th percentile at 64 connections, in milliseconds."""
    command = ["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency"] + (["-s", script] if script else []) + [url] + (["--", *arguments] if arguments else [])
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure(machine, quick):
    rounds, seconds = (2, 2) if quick else (5, 4)
    seed = Seed.of(machine, 10_000).copy(machine)
    script = machine.path("decide.lua")
    open(script, "w").write(SCRIPT)
    question = {"principal": {"type": "account", "id": seed.facts["sample"][0]["account"]}, "action": "read", "resource": {"type": "dataset", "id": "customers"}}
    one = [seed.token, seed.slug, "check", json.dumps(question, separators=(",", ":"))]
    many = [seed.token, seed.slug, "check-batch", json.dumps({"items": [question] * 100}, separators=(",", ":"))]
    single, batch, static, cpu, tails, peers = [], [], [], [], [], []
    with Nginx() as nginx, Server.guildhall(machine, seed.path, "--rate-limits", "off") as server:
        for _ in range(rounds):
            static.append(Load.on(nginx.url, seconds).rate)
            before = server.cpu()
            load = Load.on(server.url, seconds, script=script, arguments=one)
            if load.refused or load.errors:
                raise RuntimeError(f"{load.refused} refused, {load.errors} lost")
            single.append(load.rate)
            cpu.append((server.cpu() - before) / load.requests)
            batch.append(100 * Load.on(server.url, seconds, script=script, arguments=many).rate)
            peers.append(latency(nginx.url, seconds))
            tails.append(latency(server.url, seconds, script, one))
    figure("H1", median(single), "checks/s", f"nginx, 1 kB: {median(static):.0f}/s; 64 connections", median(single) / median(static), 0.3, 1)
    figure("H1.processor", median(cpu) * 1e6, "µs of processor for one check over HTTP")
    figure("H2", median(tails), "ms at the 99th percentile", f"nginx: {median(peers):.3g} ms; bar is at most", median(tails) / median(peers), 3, 3)
    figure("H3", median(batch), "checks/s in batches of 100", f"single ones: {median(single):.0f}/s", median(batch) / median(single), 10, 30)
