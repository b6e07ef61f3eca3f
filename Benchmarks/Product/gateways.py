"""G1: what a platform's client asks, beside the same question to the native API of the same server: a workspace's server of ZenML by ids, Apolo's by names."""
import json
import urllib.parse

from .machine import Load, Server, figure, median
from .seed import Seed

SCRIPT = """
local text
function init(arguments)
  local headers = {["Authorization"] = "Bearer " .. arguments[1], ["Content-Type"] = "application/json"}
  text = wrk.format("POST", arguments[2], headers, arguments[3])
end
function request() return text end
"""


def measure(machine, quick):
    rounds, seconds = (3, 2) if quick else (5, 4)
    seed = Seed.of(machine, 10_000).copy(machine)
    script = machine.path("gateway.lua")
    open(script, "w").write(SCRIPT)
    organization = f"/api/v1/organizations/{seed.slug}"
    native = f"{organization}/decisions/check"
    person = seed.facts["sample"][0]
    with Server.guildhall(machine, seed.path, "--rate-limits", "off") as server:
        pairs = {
            "zenml": zenml(server, seed, organization, native, person["account"]),
            "apolo": apolo(server, seed, organization, native, person["account"]),
        }
        for name, (theirs, ours) in pairs.items():
            compare(server, script, name, theirs, ours, rounds, seconds)


def zenml(server, seed, organization, native, account):
    """Somebody's right to read a stack of a workspace, asked with the token of the workspace's server."""
    made = server.ask("POST", f"{organization}/workspaces", {"name": "Looms", "slug": "looms"}, seed.token)
    workspace = made["workspace"]["id"]
    login = {"grant_type": "client_credentials", "client_id": workspace, "client_secret": made["enrollment_key"]}
    token = server.ask("POST", "/zenml/api/v1/auth/login", login)["access_token"]
    path = f"/zenml/api/v1/rbac/check_permissions?user_id={account}&action=read"
    question = {
        "principal": {"type": "account", "id": account}, "action": "read", "resource": {"type": "stack", "parent": {"type": "workspace", "id": workspace}}}
    return (token, path, ["stack"]), (seed.token, native, question)


def apolo(server, seed, organization, native, account):
    """Somebody's right to write what a project on a cluster stores, asked as the platform's services do."""
    handle = server.ask("GET", f"{organization}/members?search={urllib.parse.quote(account)}", None, seed.token)["items"]
    handle = handle[0]["handle"] if handle else account
    server.ask("POST", "/api/v1/clusters", {"name": "Iron", "slug": "iron"}, seed.token)
    server.ask("PUT", f"/api/v1/clusters/iron/organizations/{seed.slug}", {}, seed.token)
    server.ask("POST", f"{organization}/clusters/iron/projects", {"name": "Forge", "slug": "forge"}, seed.token)
    path = f"/apolo/apis/admin/v1/users/{handle}/permissions/check"
    asked = [{"uri": f"storage://iron/{seed.slug}/forge/file", "action": "write"}]
    question = {
        "principal": {"type": "account", "id": handle}, "action": "create",
        "resource": {"type": "storage", "parent": {"type": "project", "id": "cluster:iron/forge"}}}
    return (seed.token, path, asked), (seed.token, native, question)


def compare(server, script, name, theirs, ours, rounds, seconds):
    """One connection for the time of an answer, 64 for what it costs; in turns."""
    times, costs = ([], []), ([], [])
    for _ in range(rounds):
        for side, (token, path, body) in enumerate((theirs, ours)):
            arguments = [token, path, json.dumps(body, separators=(",", ":"))]
            times[side].append(1e6 / run(server, seconds, 1, script, arguments).rate)
            before = server.cpu()
            load = run(server, seconds, 64, script, arguments)
            costs[side].append(1e6 * (server.cpu() - before) / load.requests)
    time, native = median(times[0]), median(times[1])
    figure(f"G1.{name}", time, "µs for an answer", f"the same question to the native API: {native:.0f} µs", time / native, 1.2)
    cost, native = median(costs[0]), median(costs[1])
    figure(f"G1.{name}.processor", cost, "µs of processor", f"the same question to the native API: {native:.1f} µs", cost / native, 1.2)


def run(server, seconds, connections, script, arguments):
    load = Load.on(server.url, seconds, connections=connections, script=script, arguments=arguments)
    if load.refused or load.errors:
        raise RuntimeError(f"{arguments[1]}: {load.refused} refused, {load.errors} lost")
    return load
