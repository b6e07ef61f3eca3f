"""Hooks of schemathesis: who asks, and which things there are to ask for.

GUILDHALL_FUZZ_AS says who asks: `admin` (an operator, and admin of the demonstration's organization), `member` (a plain member of it) or `nobody`.
A request that schemathesis made of lawful values mostly gets ids that exist, gathered from earlier answers: else it would hardly get further than
"not found". An actor who signed out, or was thrown out, by a request of their own signs in again.
"""

import collections
import os
import random
import re
import threading

import requests
import schemathesis

ADDRESS = os.environ["GUILDHALL_ADDRESS"]
ACTOR = os.environ.get("GUILDHALL_FUZZ_AS", "admin")
PASSWORD = "nine lilac kites over water"
HALL = "analytical-engines"

lock = threading.Lock()
dice = random.Random(int(os.environ.get("GUILDHALL_FUZZ_SEED", "1")))
known = collections.defaultdict(lambda: collections.deque(maxlen=40))


def api(method, path, token=None, **body):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, f"{ADDRESS}/api/v1{path}", headers=headers, json=body or None, timeout=60)


def sign_in(login):
    answer = api("POST", "/sessions", login=login, password=PASSWORD)
    return answer.json()["secret"] if answer.status_code == 201 else None


def keep(noun, value):
    # What would have to be escaped in a path is left out: schemathesis sends what a hook puts there as it is.
    if isinstance(value, str) and re.fullmatch(r"[\w@.-]+", value, re.ASCII) and value not in known[noun]:
        known[noun].append(value)


def member():
    """A plain member's session; whoever deletes their account is followed by another of the demonstration's people, as a plain member too."""
    for handle in ("george", "sophie", "emmy", "augustus", "mary", "charles"):
        secret = sign_in(f"{handle}@analytical.example")
        if secret is None:
            continue
        account = api("GET", "/account", secret).json()["id"]
        admin = sign_in("ada@analytical.example")
        for row in api("GET", f"/organizations/{HALL}/members?limit=200", admin).json().get("items", []):
            if row["account"] == account and row["roles"] != ["member"]:
                api("PUT", f"/organizations/{HALL}/members/{row['id']}/roles", admin, roles=["member"])
        return secret
    raise RuntimeError("nobody is left")


if ACTOR != "nobody":

    @schemathesis.auth(refresh_interval=600)
    class Session:
        def get(self, case, context):
            return sign_in("ada@analytical.example") or member() if ACTOR == "admin" else member()

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"


def singular(segment):
    return {"former-members": "former_member", "accounts": "account"}.get(segment, segment.rstrip("s").replace("-", "_"))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts ids that exist in the place of those that schemathesis made up lawfully."""
    if not case.path_parameters or case.meta is None or case.meta.generation.mode.value != "positive":
        return
    with lock:
        for name in case.path_parameters:
            if known[name] and dice.random() < 0.8:
                # The demonstration's own organization is where most things are.
                case.path_parameters[name] = HALL if name == "organization" and dice.random() < 0.7 else dice.choice(known[name])


@schemathesis.hook
def after_call(context, case, response):
    """Remembers what an answer shows: the ids in lists and in what was made."""
    if response.status_code not in (200, 201) or "json" not in response.headers.get("content-type", [""])[0]:
        return
    try:
        body = response.json()
    except ValueError:
        return
    noun = next((singular(part) for part in reversed(case.operation.path.split("/")) if part and not part.startswith("{") and part not in ("batch", "roles")), "")
    rows = body.get("items", [body]) if isinstance(body, dict) else []
    with lock:
        for row in rows:
            if not isinstance(row, dict):
                continue
            keep(noun, row.get("id"))
            for name in ("account", "organization", "invitation", "member", "request", "token", "session", "email"):
                value = row.get(name)
                keep(name, value.get("id") if isinstance(value, dict) else value)
            keep("organization", row.get("slug"))


def look_around():
    """Begins with what the demonstration holds."""
    admin = sign_in("ada@analytical.example")
    for noun, path in {
        "organization": "/organizations", "account": "/accounts", "member": f"/organizations/{HALL}/members", "invitation": f"/organizations/{HALL}/invitations",
    }.items():
        for row in api("GET", path, admin).json()["items"]:
            keep(noun, row["id"])


look_around()
