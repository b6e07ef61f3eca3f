"""ZenML's library, its command line and the server of a workspace, unmodified, at one organization."""

import argparse
import json
import re
import socket
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from stage import GUILD, Stage

arguments = argparse.ArgumentParser()
arguments.add_argument("address")
arguments.add_argument("folder")
options = arguments.parse_args()
stage = Stage(options.address, options.folder)

try:
    # A workspace is enrolled, and its server started with what was shown.

    # Prices begin with an hour, and hold for nothing that was counted before they were set.
    began = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    price = {"resource": "zenml.project", "unit": "piece", "tiers": [{"credits": "5"}], "since": began.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    stage.native("POST", "/prices", price)
    made = stage.native("POST", f"/organizations/{GUILD}/workspaces", {"name": "Looms", "slug": "looms"})
    settings = {setting["name"]: setting["value"] for setting in made["settings"]}
    stage.expect("the settings name the gateway", settings["ZENML_SERVER_PRO_API_URL"] == stage.pro, settings)
    # Augustus begins without a right to anything.
    for held in stage.native("GET", f"/organizations/{GUILD}/grants")["items"]:
        if held.get("handle") == "augustus":
            stage.native("DELETE", f"/organizations/{GUILD}/grants/{held['id']}")
    for name, role in [("emmy", "viewer"), ("mary", "developer"), ("george", "contributor")]:
        stage.native("POST", f"/organizations/{GUILD}/workspaces/looms/grants", {"holder": name, "role": role})
    with socket.socket() as probe:
        probe.bind(("127.0.0.2", 0))
        port = probe.getsockname()[1]
    server = stage.workspace_server(settings, port)
    workspace = stage.native("GET", f"/organizations/{GUILD}/workspaces/looms")
    stage.expect(
        "the server has reported its address and version",
        (workspace["status"], workspace["address"], workspace["version"]) == ("available", server, "0.98.0"), workspace)

    # The library.

    keys = {name: stage.key(name) for name in ["ada", "augustus", "emmy", "george", "mary"]}
    program = f"""
import asyncio, json
from zenml.login.credentials_store import get_credentials_store
from zenml.login.pro.client import ZenMLProClient
get_credentials_store().set_api_key({stage.pro!r}, {keys["emmy"]!r}, is_zenml_pro=True)
client = ZenMLProClient({stage.pro!r})
organizations = asyncio.run(client.organization.list())
named, found = client.organization.get({GUILD!r}), client.organization.get(organizations[0].id)
workspaces = client.workspace.list()
by_name, by_url = client.workspace.list(workspace_name="looms"), client.workspace.list(url={server!r}, member_only=True)
none = client.workspace.list(workspace_name="nowhere"), client.workspace.list(url="http://nowhere.example"), client.workspace.list(offset=100)
one = client.workspace.get(by_name[0].id)
refusals = []
for attempt in [lambda: client.organization.get("nowhere"), lambda: client.workspace.get(organizations[0].id), lambda: client.workspace.list(limit=1000)]:
    try: attempt(); refusals.append(None)
    except Exception as error: refusals.append(type(error).__name__)
print(json.dumps([
    [o.name for o in organizations], named.id == found.id, sorted(w.name for w in workspaces), [w.name for w in by_name], [w.name for w in by_url],
    [len(n) for n in none], [one.organization_name, one.status, one.url, one.version], refusals]))
"""
    seen = stage.library(program, home="library")
    stage.expect(
        "the library finds organizations and workspaces",
        seen == [
            [GUILD], True, ["looms"], ["looms"], ["looms"], [0, 0, 0], [GUILD, "available", server, "0.98.0"], ["KeyError", "KeyError", "ValueError"],
        ], seen)
    wrong = stage.library(
        f"""
import json
from zenml.login.pro.client import ZenMLProClient
found = []
for key in ["ZENPROKEY_x", {stage.wrapped("gld_pat_none", "x")!r}, "gld_pat_none", ""]:
    try: ZenMLProClient.fetch_api_token({stage.pro!r}, key); found.append(None)
    except Exception as error: found.append(type(error).__name__)
print(json.dumps(found))
""", home="library")
    stage.expect("a key that holds nothing is refused as the library knows it", wrong == ["CredentialsNotValid"] * 4, wrong)

    # The command line with a key, and with nothing but the environment.

    status, output = stage.command("login", "looms", "--pro-api-url", stage.pro, "--api-key", home="mary", stdin=keys["mary"] + "\n")
    stage.expect("mary logs in with a key", status == 0, output)
    status, output = stage.command("project", "register", "jacquard", "--set", home="mary")
    stage.expect("who may makes a project", status == 0, output)
    status, output = stage.command("project", "list", home="mary")
    stage.expect("and sees it", status == 0 and "jacquard" in output, output)
    status, output = stage.command("server", "list", "--pro-api-url", stage.pro, home="mary")
    stage.expect("her workspaces are listed", status == 0 and "looms" in output, output)
    bare = {"ZENML_STORE_URL": server, "ZENML_STORE_API_KEY": keys["emmy"], "ZENML_PRO_API_URL": stage.pro}
    status, output = stage.command("status", home="emmy", **bare)
    stage.expect("the environment alone is enough", status == 0 and "looms" in output, output)
    status, output = stage.command("project", "register", "of-emmy", home="emmy", **bare)
    stage.expect("who only reads makes no project", status != 0 and "ermission" in output, output)

    # The command line with a browser.

    def approving(who, trusted=False):
        def approve(path, query):
            stage.expect("the address is that of the page that asks", path == "/device" and query.get("workspace", "looms") == "looms", (path, query))
            body = {"user_code": query["user_code"], "trusted_device": trusted, "device_metadata": {"tenant_id": workspace["id"]}}
            status, found = stage.ask("PUT", "/zenml/api/v1/devices/verify", body, stage.session(who))
            stage.expect("somebody at a browser lets it in", status == 200, (status, found))

        return approve

    status, output = stage.device_login("looms", "--pro-api-url", stage.pro, home="ada", approve=approving("ada"))
    stage.expect("ada logs in with a browser", status == 0, output)
    status, output = stage.command("project", "list", home="ada")
    stage.expect("and works on the workspace", status == 0 and "jacquard" in output, output)
    status, output = stage.device_login(
        "--pro", "--pro-api-url", stage.pro, home="refused",
        approve=lambda path, query: stage.native_form("/device/refusal", {"user_code": query["user_code"]}, by="ada"))
    stage.expect("who is kept out is told", status != 0 and "access_denied" in output, output)

    # What each may do on the server, asked as any client asks.

    def on_server(method, path, who, body=None):
        return stage.ask(method, f"{server}/api/v1{path}", body, who if who.startswith("ZENPROKEY") else keys[who])

    projects = stage.native("GET", f"/organizations/{GUILD}/workspaces/looms/projects")["items"]
    status, found = on_server("GET", "/projects/jacquard", "ada")
    jacquard = found["id"]
    stage.expect("the project is known by the server's id", jacquard in [project["id"] for project in projects], projects)
    access = stage.native("GET", f"/organizations/{GUILD}/workspaces/looms/projects/{jacquard}/grants")["items"]
    stage.expect("who made it is its admin", [(a.get("handle"), a["role"]) for a in access] == [("mary", "admin")], access)
    for who, expected in [("ada", 200), ("mary", 200), ("emmy", 200), ("george", 403), ("augustus", 401)]:
        status, found = on_server("GET", "/projects/jacquard", who)
        stage.expect(f"{who} reads the project: {expected}", status == expected, (status, found))
    for who, expected in [("emmy", 403), ("george", 403), ("mary", 200)]:
        status, found = on_server("PUT", f"/projects/{jacquard}", who, {"description": f"By {who}."})
        stage.expect(f"{who} changes the project: {expected}", status == expected, (status, found))
    for who, expected in [("emmy", 403), ("george", 200), ("mary", 200)]:
        status, found = on_server("POST", "/secrets", who, {"name": f"of-{who}", "values": {"a": "b"}, "private": False})
        stage.expect(f"{who} makes a secret: {expected}", status == expected, (status, found))
    counts = {who: on_server("GET", "/secrets", who)[1]["total"] for who in ["emmy", "george", "mary", "ada"]}
    stage.expect("lists hold what each may read, their own always", counts == {"emmy": 2, "george": 1, "mary": 2, "ada": 2}, counts)

    # Sharing.

    people = {m["handle"]: m["account"] for m in stage.native("GET", f"/organizations/{GUILD}/members?limit=200")["items"]}
    secret = next(s["id"] for s in on_server("GET", "/secrets", "mary")[1]["items"] if s["name"] == "of-mary")

    def share(who, actions, by):
        query = f"/users/resource_membership?resource_type=secret&resource_id={secret}&user_id={people[who]}"
        return on_server("POST", query, by, actions)

    status, found = share("george", ["read"], "emmy")
    stage.expect("who may not share is refused", status == 403, (status, found))
    status, found = share("george", ["read"], "mary")
    stage.expect("the owner shares a secret", status == 200, (status, found))
    status, found = on_server("GET", "/secrets", "george")
    stage.expect("who it was shared with sees it", {s["name"] for s in found["items"]} == {"of-george", "of-mary"}, found)
    status, found = on_server("DELETE", f"/secrets/{secret}", "george")
    stage.expect("and may do no more than was shared", status == 403, (status, found))
    status, found = share("augustus", ["read"], "mary")
    status, found = on_server("GET", "/secrets", "augustus")
    stage.expect("who has nothing else comes in for that", status == 200 and found["total"] == 1, (status, found))
    for who in ["george", "augustus"]:
        share(who, [], "mary")
    stage.expect("what was withdrawn is gone", on_server("GET", "/secrets", "george")[1]["total"] == 1)
    stage.expect("and who had nothing else is out", on_server("GET", "/secrets", "augustus")[0] == 401)

    # What changes here is so there at once.

    grant = next(a for a in stage.native("GET", f"/organizations/{GUILD}/workspaces/looms/grants")["items"] if a.get("handle") == "emmy")
    stage.native("DELETE", f"/organizations/{GUILD}/workspaces/looms/grants/{grant['id']}")
    status, found = on_server("GET", "/projects/jacquard", "emmy")
    stage.expect("who was taken away is out at the next request", status == 401, (status, found))
    stage.native("POST", f"/organizations/{GUILD}/workspaces/looms/projects/{jacquard}/grants", {"holder": "emmy", "role": "developer"})
    status, found = on_server("GET", "/projects", "emmy")
    stage.expect("with a role on one project one sees that", status == 200 and [p["name"] for p in found["items"]] == ["jacquard"], (status, found))
    reading = stage.key("mary", scopes=["organization:read"])
    status, found = on_server("GET", "/projects/jacquard", reading)
    stage.expect("a token for reading alone doesn't open a workspace", status == 401, (status, found))
    for token in stage.native("GET", "/account/tokens", by="mary")["items"]:
        stage.native("DELETE", f"/account/tokens/{token['id']}", by="mary")
    status, found = on_server("GET", "/projects/jacquard", "mary")
    stage.expect("a revoked key opens nothing", status == 401, (status, found))

    # A program of the organization.

    stage.native("POST", f"/organizations/{GUILD}/service-accounts", {"name": "Runner", "slug": "runner", "roles": ["guest"]})
    made = stage.native("POST", f"/organizations/{GUILD}/service-accounts/runner/keys", {"name": "CI"})
    runner = stage.wrapped(made["secret"], made["key"]["id"])
    status, found = on_server("GET", "/projects", runner)
    stage.expect("a service account without access is out", status == 401, (status, found))
    stage.native("POST", f"/organizations/{GUILD}/workspaces/looms/grants", {"holder": "runner", "role": "viewer"})
    status, found = on_server("GET", "/projects", runner)
    stage.expect("with a role it is in", status == 200 and found["total"] >= 1, (status, found))

    # A role of the organization's own, made through the platform's interface.

    def pro(method, path, by="ada", body=None, expect=200):
        status, found = stage.ask(method, "/zenml/api/v1" + path, body, stage.session(by))
        stage.expect(f"{method} {path.split('?')[0].replace(role['id'], 'ID') if role else path}: {expect}", status == expect, (status, found))
        return found

    role = None
    permissions = [{"resource_type": "secret", "actions": ["create", "read"]}]
    role = pro("POST", "/roles", body={"name": "Keeper of secrets", "organization_id": GUILD, "level": "workspace", "permissions": permissions})
    status, found = on_server("GET", "/secrets", "augustus")
    stage.expect("without it augustus is out", status == 401, (status, found))
    keeping = f"/roles/{role['id']}/assignments?user_id={people['augustus']}&workspace_id={workspace['id']}"
    pro("POST", keeping)
    status, found = on_server("POST", "/secrets", "augustus", {"name": "of-augustus", "values": {"a": "b"}, "private": False})
    stage.expect("with it he makes a secret", status == 200, (status, found))
    status, found = on_server("GET", "/secrets", "augustus")
    stage.expect("and sees those of others", status == 200 and found["total"] >= 3, (status, found))
    status, found = on_server("DELETE", f"/secrets/{secret}", "augustus")
    stage.expect("and deletes none of theirs", status == 403, (status, found))
    pro("PATCH", f"/roles/{role['id']}", body={"permissions": ["secret:read", "secret:delete"]})
    status, found = on_server("DELETE", f"/secrets/{secret}", "augustus")
    stage.expect("once the role allows it he does", status == 200, (status, found))
    pro("DELETE", keeping)
    status, found = on_server("GET", "/secrets", "augustus")
    stage.expect("and without it he is out again", status == 401, (status, found))
    pro("DELETE", f"/roles/{role['id']}")

    # An operator makes somebody an account.

    pro("POST", "/users?username=nora@analytical.example&password=seven%20quiet%20boats%20at%20noon")
    status, token = stage.ask("POST", "/zenml/api/v1/auth/login", form={"username": "nora@analytical.example", "password": "seven quiet boats at noon"})
    stage.expect("who got an account signs in with it", status == 200 and token["token_type"] == "bearer", (status, token))

    # Credits.

    used = stage.native("GET", f"/organizations/{GUILD}/usage-events?source=workspace:{workspace['id']}")["items"]
    stage.expect("what was made is counted as usage", [e["resource"] for e in used].count("zenml.project") == 1, used)

    def credits(change):
        status, found = stage.ask("PATCH", f"/apolo/apis/admin/v1/orgs/{GUILD}/balance", change, stage.session("ada"))
        assert status == 200, found
        return found["balance"]

    # What is set aside for others stays theirs.
    status, found = stage.ask("PATCH", f"/apolo/apis/admin/v1/orgs/{GUILD}/balance", {"credits": "0"}, stage.session("ada"))
    free = re.search(r"([0-9.,]+) are left", str(found))
    before = credits({"additional_credits": "-" + free.group(1).rstrip(".").replace(",", "")}) if free else found
    status, output = stage.command("project", "register", "unpaid", home="ada")
    stage.expect("without credits nothing with a price begins, and people are told", status != 0 and "reached its `project` limit" in output, output)
    status, output = stage.command("project", "list", home="ada")
    stage.expect("what is there can be worked on", status == 0 and "jacquard" in output and "unpaid" not in output, output)
    credits({"additional_credits": "12"})
    status, output = stage.command("project", "register", "paid", home="ada")
    stage.expect("with credits it begins", status == 0, output)
    left = Decimal(credits({"additional_credits": "0"})["credits"]) - Decimal(before["credits"])
    stage.expect("and is paid for", left == 7, (before, left))

    # Quotas.

    here = stage.native("GET", f"/organizations/{GUILD}/projects?limit=200")["total"]
    quota = stage.native("POST", f"/organizations/{GUILD}/quotas", {"dimension": "projects", "subject": "organization", "limit": here})
    status, output = stage.command("project", "register", "beyond", home="ada")
    stage.expect("no more is begun than the quota says", status != 0 and "reached its `project` limit" in output, output)
    stage.native("DELETE", f"/organizations/{GUILD}/quotas/{quota['id']}")
    status, output = stage.command("project", "register", "within", home="ada")
    stage.expect("without it there is room", status == 0, output)

    # The project goes.

    status, found = on_server("DELETE", "/projects/jacquard", "ada")
    stage.expect("an admin deletes the project", status == 200, (status, found))
    left = [project["id"] for project in stage.native("GET", f"/organizations/{GUILD}/workspaces/looms/projects")["items"]]
    stage.expect("and it is forgotten here", jacquard not in left, left)
    events = stage.native("GET", f"/organizations/{GUILD}/events")["items"]
    stage.expect("the log tells of it", any(e["action"] == "project.report_end" for e in events), [e["action"] for e in events][:20])

    # Whose workspace is deactivated is out.

    stage.native("PUT", f"/organizations/{GUILD}/workspaces/looms/deactivation")
    status, found = on_server("GET", "/projects", "ada")
    stage.expect("nobody comes in while it is deactivated", status == 401, (status, found))
except Exception as error:
    import traceback

    stage.expect("the story is told to its end", False, traceback.format_exc())
    log = stage.folder / "server.log"
    if log.exists():
        print(log.read_text()[-3000:])
stage.end()
