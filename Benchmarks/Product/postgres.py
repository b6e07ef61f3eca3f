"""A PostgreSQL server of one run, durable as it comes, and pgbench against it."""
import glob
import os
import re
import shutil
import subprocess
import tempfile

from .machine import free_port


class Postgres:
    def __enter__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not found:
            raise RuntimeError("PostgreSQL isn't installed: apt-get install postgresql")
        self.programs, self.port, self.folder = found[-1], free_port(), tempfile.mkdtemp(prefix="guildhall-benchmark-")
        # The server refuses to run as root.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", self.folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=512MB -c max_wal_size=4GB"
        self._run("pg_ctl", "-D", self.folder, "-w", "-l", os.path.join(self.folder, "log"), "-o", options, "start")
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "-D", self.folder, "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def _run(self, program, *arguments):
        subprocess.run([*self.user, os.path.join(self.programs, program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/")

    @property
    def address(self):
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def database(self):
        """The address of a database of its own."""
        self._run("psql", "-q", self.address, "-c", "DROP DATABASE IF EXISTS books", "-c", "CREATE DATABASE books")
        return self.address.removesuffix("/postgres") + "/books"

    def execute(self, path):
        self._run("psql", "-q", "-v", "ON_ERROR_STOP=1", self.address, "-c", open(path).read())

    def rate(self, script, clients, seconds):
        """Transactions per second of a pgbench script."""
        with tempfile.NamedTemporaryFile("w", suffix=".pgb") as file:
            file.write(script)
            file.flush()
            os.chmod(file.name, 0o644)
            done = subprocess.run(
                [*self.user, os.path.join(self.programs, "pgbench"), "-n", "-c", str(clients), "-j", "1", "-T", str(seconds), "-M", "prepared", "-f", file.name, self.address],
                capture_output=True, text=True, check=True, cwd="/")
        return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])
