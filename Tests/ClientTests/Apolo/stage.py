"""What the stories need: an installation with people and tokens, and Apolo's own command line, typed by each of them."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback
import urllib.error
import urllib.request

import apolo_cli.main

PASSWORD = "nine lilac kites over water"


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


class Stage:
    """One installation, and a folder for what the command lines keep."""

    def __init__(self, address, folder):
        self.address, self.folder = address.rstrip("/"), pathlib.Path(folder).resolve()
        self.secrets, self.tokens, self.sessions = {}, {}, {}
        self.failures, self.commands = [], 0

    # HTTP

    def ask(self, method, path, body=None, token=None, headers=None):
        """The status and the JSON of an answer."""
        request = urllib.request.Request(self.address + path, method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header("content-type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if token:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, self.read(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, self.read(error.read())

    @staticmethod
    def read(data):
        try:
            return json.loads(data) if data else None
        except ValueError:
            return data.decode(errors="replace")

    def native(self, method, path, body=None, by="olga"):
        """An operation of Guildhall's own API, which must succeed."""
        status, answer = self.ask(method, "/api/v1" + path, body, self.sessions.get(by))
        if status >= 300:
            raise Refused(status, answer)
        return answer

    def admin(self, method, path, body=None, by="olga"):
        """A call of Apolo's administration, as it is."""
        return self.ask(method, "/apolo/apis/admin/v1" + path, body, self.tokens[by])

    # People

    def person(self, handle, scopes=("account", "organization:admin", "organization:irreversible")):
        """Signs somebody up, proves the address with the mail's link where there is one, and makes a token of Apolo's form."""
        body = {"email": f"{handle}@example.org", "name": handle.capitalize() + " Example", "handle": handle, "password": PASSWORD}
        self.sessions[handle] = self.native("POST", "/accounts", body, by=None)["secret"]
        self.token(handle, scopes)

    def token(self, handle, scopes=("account", "organization:admin", "organization:irreversible")):
        made = self.native("POST", "/account/tokens", {"name": "apolo", "scopes": list(scopes)}, by=handle)
        self.secrets[handle] = made["secret"]
        status, answer = self.ask("POST", f"/apolo/apis/admin/v1/users/{handle}/token", {}, made["secret"])
        assert status == 200, answer
        self.tokens[handle] = answer["access_token"]
        return made

    # The command line

    def environment(self, who):
        home = self.folder / who
        home.mkdir(parents=True, exist_ok=True)
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("APOLO", "NEURO"))},
            "HOME": str(home), "APOLO_CONFIG": str(home / "config"), "COLUMNS": "250", "NEURO_CLI_DISABLE_PYPI_VERSION_CHECK": "1", "NO_PROXY": "*",
        }

    def apolo(self, who, line, exit=0, says=(), hides=(), program=None):
        """Types a command; checks how it ends and what it says. Answers what it said."""
        self.commands += 1
        words = ["--skip-stats", "--disable-pypi-version-check", "--color=no", *line.split()]
        # Each name stands for somebody with a folder of their own.
        environment = self.environment(who)
        if program:
            run = subprocess.run(
                [program, "-m", "apolo_cli", *words], env=environment, cwd=self.folder / who, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, timeout=120)
            status, said = run.returncode, run.stdout
        else:
            status, said = self.forked(words, environment, self.folder / who)
        wanted = (says,) if isinstance(says, str) else says
        unwanted = (hides,) if isinstance(hides, str) else hides
        faults = [f"exit {status}, not {exit}"] if status != exit else []
        faults += [f"doesn't say {text!r}" for text in wanted if text not in said] + [f"says {text!r}" for text in unwanted if text in said]
        if exit == 0 and not faults:
            print(f"ok      `apolo {' '.join(line.split()[:2])}`", flush=True)
        if faults:
            self.fail(f"{who}: apolo {line}: {'; '.join(faults)}\n{said.strip()[-1500:]}")
        return said

    @staticmethod
    def forked(words, environment, folder):
        """The command line in a process of its own, without loading it anew each time: that takes longer than all it does."""
        with tempfile.TemporaryFile() as output:
            child = os.fork()
            if child == 0:
                status = 70
                try:
                    os.environ.clear()
                    os.environ.update(environment)
                    os.chdir(folder)
                    nothing = os.open(os.devnull, os.O_RDONLY)
                    for source, target in [(nothing, 0), (output.fileno(), 1), (output.fileno(), 2)]:
                        os.dup2(source, target)
                    sys.argv = ["apolo", *words]
                    try:
                        apolo_cli.main.main(words)
                        status = 0
                    except SystemExit as end:
                        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
                    except BaseException:
                        traceback.print_exc()
                    sys.stdout.flush()
                    sys.stderr.flush()
                finally:
                    os._exit(status)
            _, ended = os.waitpid(child, 0)
            output.seek(0)
            return os.waitstatus_to_exitcode(ended), output.read().decode(errors="replace")

    def expect(self, holds, what):
        if not holds:
            self.fail(what)

    def equal(self, found, wanted, what):
        if found == wanted:
            print(f"ok      {what}", flush=True)
        else:
            self.fail(f"{what}: {found!r}, not {wanted!r}")

    def fail(self, text):
        self.failures.append(text)
        print("✘ " + text, flush=True)

    def finish(self):
        print(f"{self.commands} commands, {len(self.failures)} failures")
        sys.exit(1 if self.failures else 0)


def claims(token):
    """What a JSON Web Token says, unverified, as the clients read it."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
