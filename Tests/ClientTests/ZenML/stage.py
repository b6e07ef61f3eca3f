"""What the stories need: an installation with people and keys, ZenML's own command line and library, and the server of a workspace."""

import base64
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PASSWORD = "nine lilac kites over water"
GUILD = "analytical-engines"


def ends_with_its_parent():
    """Nothing is left behind, however a story ends (PR_SET_PDEATHSIG): neither its servers, nor the story itself where the tests are killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


ends_with_its_parent()
if os.getppid() == 1:
    sys.exit("Whoever started this is gone.")


class Stage:
    """A demonstration of Guildhall, and a folder for what the clients keep."""

    def __init__(self, address, folder):
        self.address, self.folder = address.rstrip("/"), pathlib.Path(folder)
        self.pro = f"{self.address}/zenml/api/v1"
        self.failures, self.sessions, self.servers = [], {}, []

    # What should be

    def expect(self, what, holds, seen=""):
        print(("ok      " if holds else "FAILED  ") + what + ("" if holds else f"\n        {str(seen)[-1500:]}"), flush=True)
        if not holds:
            self.failures.append(what)

    def end(self):
        for server in self.servers:
            server.terminate()
        for server in self.servers:
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
        print(f"{len(self.failures)} failures" if self.failures else "All of it holds.")
        sys.exit(1 if self.failures else 0)

    # HTTP

    def ask(self, method, path, body=None, token=None, form=None, headers=None):
        """The status and the JSON of an answer, of Guildhall or of whatever `path` names whole."""
        url = path if path.startswith("http") else self.address + path
        data = urllib.parse.urlencode(form).encode() if form is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, method=method, data=data)
        if form is None:
            request.add_header("content-type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if token:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, self.read(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, self.read(error.read())

    @staticmethod
    def read(data):
        try:
            return json.loads(data) if data else None
        except ValueError:
            return data.decode(errors="replace")

    def native(self, method, path, body=None, by="ada"):
        """An operation of Guildhall's own API, which must succeed."""
        status, answer = self.ask(method, "/api/v1" + path, body, self.session(by))
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return answer

    def native_form(self, path, fields, by):
        """Sends a form as a browser does that opened the page with it."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        cookie = {"Cookie": f"guildhall={self.session(by)}"}
        page = opener.open(urllib.request.Request(f"{self.address}/device", headers=cookie)).read().decode()
        token = page.split('name="csrf" value="', 1)[1].split('"', 1)[0]
        data = urllib.parse.urlencode(fields | {"csrf": token}).encode()
        return opener.open(urllib.request.Request(self.address + path, data=data, headers=cookie | {"Origin": self.address})).status

    def session(self, handle):
        if handle not in self.sessions:
            status, answer = self.ask("POST", "/api/v1/sessions", {"login": handle, "password": PASSWORD})
            assert status == 201, answer
            self.sessions[handle] = answer["secret"]
        return self.sessions[handle]

    def sign_up(self, handle):
        status, answer = self.ask(
            "POST", "/api/v1/accounts", {"email": f"{handle}@elsewhere.example", "name": handle.title(), "handle": handle, "password": PASSWORD})
        assert status == 201, answer
        self.sessions[handle] = answer["secret"]

    def key(self, handle, scopes=("organization:write",)):
        """A personal access token, as ZenML's clients want it."""
        made = self.native("POST", "/account/tokens", {"name": "ZenML", "scopes": list(scopes)}, by=handle)
        return self.wrapped(made["secret"], made["token"]["id"])

    @staticmethod
    def wrapped(secret, id):
        return "ZENPROKEY_" + base64.b64encode(json.dumps({"id": id, "key": secret}).encode()).decode()

    # ZenML's programs

    def environment(self, name, **settings):
        """A home of its own, so that nobody's credentials are found by another."""
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ZENML")}
        return kept | {
            "HOME": str(home), "ZENML_CONFIG_PATH": str(home / "config"), "ZENML_ANALYTICS_OPT_IN": "false", "AUTO_OPEN_DASHBOARD": "false",
            "ZENML_LOGGING_COLORS_DISABLED": "true", "COLUMNS": "200", "ZENML_PRO_URL": self.address, "NO_COLOR": "1",
        } | settings

    def program(self, name):
        return str(pathlib.Path(sys.executable).parent / name)

    def command(self, *arguments, home, stdin="", **settings):
        """The command line, away from any terminal: its status, and all that it wrote."""
        done = subprocess.run(
            [self.program("zenml"), *arguments], env=self.environment(home, **settings), input=stdin, capture_output=True, text=True, timeout=300,
            start_new_session=True, cwd=self.folder)
        return done.returncode, done.stdout + done.stderr

    def device_login(self, *arguments, home, approve):
        """`zenml login` as people do it: it shows an address with a code, `approve` answers it. Its status, and all that it wrote."""
        program = subprocess.Popen(
            [self.program("zenml"), "login", *arguments], env=self.environment(home, BROWSER="/bin/true", PYTHONUNBUFFERED="1"), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, cwd=self.folder)
        output = ""
        for line in program.stdout:
            output += line
            if "user_code=" in line:
                address = urllib.parse.urlparse(line.strip())
                approve(address.path, dict(urllib.parse.parse_qsl(address.query)))
        return program.wait(timeout=120), output

    def library(self, program, home, **settings):
        """A program in a process of its own: the last line that it writes, as JSON, or all that it wrote where it failed."""
        done = subprocess.run(
            [sys.executable, "-c", program], env=self.environment(home, **settings), capture_output=True, text=True, timeout=300, cwd=self.folder)
        if done.returncode != 0:
            return done.stdout + done.stderr
        return json.loads(done.stdout.strip().splitlines()[-1])

    def workspace_server(self, settings, port):
        """Starts the server of a workspace with the settings that Guildhall gave; answers its address once it is up."""
        # Clients take the usual address of this machine for a server without an organization.
        address = f"http://127.0.0.2:{port}"
        environment = self.environment("server", **(settings | {"ZENML_SERVER_SERVER_URL": address}))
        log = open(self.folder / "server.log", "w")
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "zenml.zen_server.zen_server_api:app", "--host", "127.0.0.2", "--port", str(port)],
            env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder, preexec_fn=ends_with_its_parent)
        self.servers.append(process)
        for _ in range(600):
            try:
                if self.ask("GET", f"{address}/health")[0] == 200:
                    return address
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            if process.poll() is not None:
                break
            time.sleep(0.2)
        raise RuntimeError("The workspace's server didn't start:\n" + (self.folder / "server.log").read_text()[-4000:])
