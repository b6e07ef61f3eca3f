"""The whole story of Apolo's page about organizations, typed on its unmodified command line; what has no command is done with its library."""

import asyncio
import os
import re
import sys
from decimal import Decimal

from stage import Stage, claims

import aiohttp
from yarl import URL
from neuro_admin_client import Action, AdminClient, AuthClient, Balance, OrgUser, OrgUserRoleType, Permission
from neuro_admin_client.entities import OrgNotificationIntervals

stage = Stage(sys.argv[1], sys.argv[2])
older = sys.argv[3]
apolo, ask, admin, equal = stage.apolo, stage.ask, stage.admin, stage.equal
login = f"config login-with-token {{}} {stage.address}/apolo/api/v1"


def library(who, work):
    """Does something with `neuro-admin-client` as somebody; answers it, or the status of the refusal."""

    async def run():
        async with AdminClient(base_url=URL(f"{stage.address}/apolo/apis/admin/v1"), service_token=stage.tokens[who]) as client:
            try:
                return await work(client)
            except aiohttp.ClientResponseError as error:
                return error.status

    return asyncio.run(run())


def promote(who, user, role, credits=None):
    """There is no command for it: the console and the library do it."""
    member = OrgUser(org_name="gallery", user_name=user, role=OrgUserRoleType(role), balance=Balance(credits=credits))
    answer = library(who, lambda client: client.update_org_user(member))
    return answer if isinstance(answer, int) else answer.role.value


def may(who, user, uri, action):
    """What a service of the platform asks about somebody."""

    async def run():
        async with AuthClient(url=URL(f"{stage.address}/apolo/apis/admin/v1"), token=stage.tokens[who]) as client:
            return await client.check_user_permissions(user, [Permission(uri=uri, action=Action(action))])

    return asyncio.run(run())


# The installation: its operator registers a cluster and lets managers add people.
for handle in ["olga", "ada", "max", "uma", "pia", "zoe"]:
    stage.person(handle)
equal(claims(stage.tokens["ada"])["identity"], "ada", "a token says who it is")
stage.native("PATCH", "/installation", {"direct_members": True})
stage.native("POST", "/clusters", {"name": "Oslo", "slug": "oslo", "is_default": True})
stage.native(
    "PUT", "/clusters/oslo/presets/cpu-small",
    {"credits_per_hour": "1.5", "machine": {"millicores": 500, "memory": 1073741824}})
status, answer = admin("POST", "/clusters", {"name": "rome", "default_quota": {}, "default_role": "user", "maintenance": False})
equal((status, answer), (200, {"name": "rome", "default_quota": {}, "default_role": "user", "maintenance": False}), "an operator makes a cluster")

# Without an organization one can log in, and found one.
apolo("ada", login.format(stage.tokens["ada"]), says="Logged into")
apolo("ada", "admin get-orgs")
apolo("ada", "admin add-org gallery")
apolo("ada", "admin add-org gallery", exit=65, says="taken")
apolo("ada", "admin get-orgs", says="gallery")
apolo("ada", "config switch-org gallery")
apolo("ada", "config show", says=("ada", "gallery", "oslo"))
apolo("ada", "config get-clusters", says=("oslo", "cpu-small"))
apolo("ada", "admin get-org-users gallery", says=("ada", "admin", "ada@example.org", "Ada Example", "unlimited"))
apolo("ada", "admin get-clusters", says="oslo", hides="rome")
apolo("ada", "admin get-cluster-orgs oslo", says="gallery")

# People are added, and have what there is at once.
apolo("ada", "admin set-org-defaults gallery --user-default-credits 50")
apolo("ada", "admin add-org-user gallery uma", says="uma")
apolo("ada", "admin add-org-user gallery uma", exit=65)
apolo("ada", "admin add-org-user gallery nobody", exit=72)
apolo("ada", "admin add-org-user gallery max manager", says="max")
apolo("ada", "admin get-org-users gallery", says=("uma", "max", "manager", "50"))
apolo("uma", login.format(stage.tokens["uma"]), says="Logged into")
apolo("uma", "config show", says=("uma", "gallery", "50"))
apolo("uma", "admin get-org-users gallery", says=("ada", "max", "uma"))
apolo("max", login.format(stage.tokens["max"]), says="Logged into")

# What each may not do. Users: read who takes part, and nothing else of the kind.
apolo("uma", "admin add-org-user gallery pia", exit=77, says="Not enough permissions")
apolo("uma", "admin remove-org-user gallery max", exit=77)
apolo("uma", "admin remove-org-user gallery uma", exit=65)
apolo("uma", "admin set-user-credits gallery uma -c 1000", exit=77)
apolo("uma", "admin set-org-defaults gallery --user-default-credits 1000", exit=77)
apolo("uma", "admin set-user-quota oslo uma -j 5 --org gallery", exit=77)
apolo("uma", "admin remove-org gallery --force", exit=77)
equal(promote("uma", "uma", "admin"), 400, "nobody changes their own role")
equal(promote("uma", "max", "user"), 403, "a user demotes nobody")
# Managers: people up to managers, quotas and credits.
apolo("max", "admin add-org-user gallery pia manager", says="pia")
apolo("max", "admin add-org-user gallery zoe admin", exit=77)
equal(promote("max", "uma", "manager"), "manager", "a manager promotes up to manager")
equal(promote("max", "uma", "user", Decimal("12.5")), "user", "and back, with credits")
apolo("max", "admin get-org-users gallery", says="12.5")
equal(promote("max", "uma", "admin"), 403, "a manager makes no admin")
equal(promote("max", "ada", "user"), 403, "a manager demotes no admin")
apolo("max", "admin remove-org-user gallery ada", exit=77)
apolo("max", "admin remove-org-user gallery max", exit=65)
apolo("max", "admin remove-org gallery --force", exit=77)
apolo("max", "admin remove-org-user gallery pia")
apolo("max", "admin set-user-quota oslo uma -j 5 --org gallery", says="5")
apolo("max", "admin get-user-quota oslo uma gallery", says="5")
apolo("max", "admin set-org-cluster-defaults oslo gallery --default-jobs 7", says="7")
apolo("max", "admin set-org-cluster-quota oslo gallery -j 20", exit=77)
apolo("max", "admin set-org-credits gallery -c 1000", exit=77)
# Admins: all of it but what the installation decides; nobody leaves an organization without one.
equal(promote("ada", "max", "admin"), "admin", "an admin makes an admin")
equal(promote("max", "ada", "manager"), "manager", "who may demote another")
equal(promote("max", "max", "user"), 400, "and not themselves")
equal(promote("max", "ada", "admin"), "admin", "and back")
equal(promote("ada", "max", "manager"), "manager", "as it was")
apolo("ada", "admin remove-org-user gallery ada", exit=65)
# Strangers know of nothing.
apolo("zoe", login.format(stage.tokens["zoe"]))
apolo("zoe", "admin get-org-users gallery", exit=72)
apolo("zoe", "admin get-orgs", hides="gallery")
equal(admin("GET", "/orgs/gallery", by="zoe")[0], 404, "strangers are told of no organization")

# Clusters: the operator adds the organization to another one, with quotas.
apolo("olga", login.format(stage.tokens["olga"]))
apolo("olga", "admin get-clusters", says=("oslo", "rome"))
apolo("ada", "admin add-org-cluster rome gallery", exit=77)
apolo("olga", "admin add-org-cluster rome gallery -j 10 --default-jobs 3", says="gallery")
apolo("olga", "admin add-org-cluster rome gallery", exit=65)
apolo("olga", "admin get-cluster-orgs rome", says=("gallery", "10"))
apolo("olga", "admin set-org-cluster-quota rome gallery -j 30", says="30")
apolo("olga", "admin get-org-cluster-quota rome gallery", says="30")
apolo("olga", "admin update-org-cluster rome gallery -j 12 --default-role user", says="12")
apolo("olga", "admin set-org-cluster-quota rome gallery -j unlimited", says="unlimited")
apolo("uma", "config get-clusters", says=("oslo", "rome"))
apolo("uma", "config switch-cluster rome")
apolo("uma", "config switch-cluster oslo")
apolo("ada", "admin get-cluster-users rome --org gallery --details", says=("ada", "max", "uma"))
apolo("ada", "admin remove-cluster-user rome uma --org gallery")
apolo("ada", "admin get-cluster-users rome --org gallery", hides="uma")
apolo("ada", "admin add-cluster-user rome uma user --org gallery -j 2", says="2")
apolo("ada", "admin update-cluster-user rome uma manager --org gallery", says="manager")
apolo("ada", "admin add-cluster-user rome zoe user --org gallery", exit=72)
apolo("uma", "admin add-cluster-user rome max user --org gallery", exit=65)

# Credits: a top-up, members' shares, and a job's charges until nothing is left.
apolo("olga", "admin add-org-credits gallery -c 100.25", says="100.25")
apolo("olga", "admin add-org-credits gallery -c -0.25", says="100")
apolo("olga", "admin set-org-credits gallery -c 60", says="60")
apolo("olga", "admin set-org-credits gallery -c unlimited", says="unlimited")
apolo("olga", "admin set-org-credits gallery -c 60", says="60")
apolo("max", "admin set-user-credits gallery uma -c 20", says="20")
apolo("max", "admin add-user-credits gallery uma -c 5.5", says="25.5")
apolo("max", "admin add-user-credits gallery uma -c -5.5", says="20")
apolo("uma", "config show", says=("20", "60"))
charge = ("POST", "/orgs/gallery/users/uma/spending?idempotency_key=job-1-hour-1", {"spending": "1.5"})
for _ in range(3):
    status, answer = admin(*charge)
    equal((status, answer["balance"]), (200, {"credits": "18.5", "spent_credits": "1.5"}), "a charge counts once")
equal(admin("POST", charge[1], {"spending": "2"})[0], 400, "another charge has a key of its own")
equal(admin(*charge, by="uma")[0], 403, "users charge nobody")
for hour in range(2, 15):
    status, answer = admin("POST", f"/orgs/gallery/users/uma/spending?idempotency_key=job-1-hour-{hour}", {"spending": "1.5"})
equal(answer["balance"], {"credits": "-1", "spent_credits": "21"}, "what was used is recorded, below zero if need be")
equal(admin("GET", "/orgs/gallery")[1]["balance"], {"credits": "39", "spent_credits": "21"}, "it is the organization's credits")
apolo("uma", "config show", says=("-1", "39"))
status, answer = stage.ask(
    "POST", "/api/v1/organizations/gallery/holds",
    {"amount": "0.5", "sub_balance": stage.native("GET", "/organizations/gallery/sub-balances?holder_kind=member&holder=uma")["items"][0]["id"]},
    stage.sessions["olga"])
equal(status, 402, "nothing new begins without credits")
apolo("max", "admin add-user-credits gallery uma -c 10", says="9")
equal(admin("POST", "/orgs/gallery/spending?idempotency_key=k", {"spending": "0.000001"})[1]["balance"], {"credits": "38.999999", "spent_credits": "21.000001"}, "nothing is lost")
status, answer = admin("POST", "/clusters/oslo/orgs/gallery/spending", {"spending": "9"})
equal((status, answer["balance"]["credits"]), (200, "29.999999"), "a cluster charges its organization")

# Projects.
apolo("uma", f"admin add-project oslo portraits --org gallery --default-role writer", program=older, says="portraits")
apolo("uma", "admin get-projects oslo --org gallery", says="portraits")
apolo("uma", "config switch-project portraits")
apolo("uma", "config show", says="portraits")
apolo("ada", "admin get-projects oslo --org gallery", says="portraits")
apolo("uma", "admin add-project-user oslo portraits max reader --org gallery", says="max")
apolo("uma", "admin add-project-user oslo portraits max reader --org gallery", exit=65)
apolo("uma", "admin add-project-user oslo portraits zoe --org gallery", exit=72)
apolo("uma", "admin update-project-user oslo portraits max manager --org gallery", says="manager")
apolo("uma", "admin get-project-users oslo portraits --org gallery", says=("uma", "max", "manager"))
apolo("ada", "admin add-org-user gallery zoe", says="zoe")
apolo("zoe", "config get-clusters", says="oslo")
apolo("zoe", "admin get-project-users oslo portraits --org gallery", exit=72)
apolo("max", "admin add-project-user oslo portraits zoe --org gallery", says="zoe")
apolo("zoe", "admin get-project-users oslo portraits --org gallery", says="writer")
apolo("zoe", "admin add-project-user oslo portraits ada --org gallery", exit=77)
for user, uri, action, wanted in [
    ("zoe", "job://oslo/gallery/portraits", "read", True), ("zoe", "job://oslo/gallery/portraits/job-1", "write", True),
    ("zoe", "storage://oslo/gallery/portraits", "manage", False), ("zoe", "cluster://oslo/orgs/gallery/projects/portraits/users", "write", False),
    ("max", "cluster://oslo/orgs/gallery/projects/portraits/users", "write", True), ("uma", "blob://oslo/gallery/portraits", "manage", True),
    ("zoe", "job://oslo/gallery", "read", False), ("zoe", "cluster://oslo/access", "read", True), ("zoe", "cluster://oslo", "read", False),
    ("olga", "cluster://oslo", "read", True), ("zoe", "org://gallery/users", "write", False), ("max", "role://gallery/manager", "read", True),
    ("max", "role://gallery/admin", "read", False), ("zoe", "job://oslo/gallery/nothing", "read", False), ("zoe", "job://oslo/nothing/x", "read", False),
]:
    equal(may("olga", user, uri, action), wanted, f"an operator's service asks whether {user} may {action} {uri}")
equal(may("zoe", "zoe", "job://oslo/gallery/portraits", "write"), True, "anybody asks about themselves")
equal(may("zoe", "max", "job://oslo/gallery/portraits", "write"), False, "and is told nothing of others")
apolo("zoe", "admin remove-project oslo portraits --org gallery --force", exit=77)
apolo("uma", "admin remove-project-user oslo portraits uma --org gallery", exit=65)
apolo("uma", "admin update-project-user oslo portraits uma reader --org gallery", exit=65)
apolo("ada", "admin update-project oslo portraits --org gallery --default-role reader --default", says="portraits")
apolo("uma", "admin remove-project-user oslo portraits zoe --org gallery")

# Single things are shared, with people, with roles of one's own and with programs.
raw = "storage://oslo/gallery/portraits/raw"
equal(may("zoe", "zoe", f"{raw}/a", "read"), False, "what isn't shared isn't seen")
apolo("uma", "acl grant storage:raw zoe read")
equal([may("zoe", "zoe", f"{raw}/a", action) for action in ["read", "write"]], [True, False], "who has a folder has what lies in it, and no more of it")
apolo("zoe", "acl list --full-uri", says=raw)
apolo("uma", "acl list --shared --full-uri", says=(raw, "zoe"))
apolo("uma", "acl list --shared --full-uri image:", hides=raw)
apolo("uma", "acl grant storage:raw zoe write")
equal(may("zoe", "zoe", f"{raw}/a", "write"), True, "more is given in its place")
apolo("uma", "acl revoke storage:raw zoe")
equal(may("zoe", "zoe", raw, "read"), False, "and taken back")
apolo("uma", "acl grant storage: zoe read", exit=127, says="role in the project")
apolo("max", "acl add-role gallery/critics")
apolo("max", "acl list-roles", says="gallery/critics")
apolo("uma", "acl grant image:net gallery/critics read")
apolo("uma", "acl list --shared --full-uri", says="gallery/critics")
apolo("max", "acl remove-role gallery/critics")
apolo("max", "acl list-roles", hides="gallery/critics")
apolo("ada", "config switch-project portraits")
said = apolo("ada", "service-account create --name ci", says=("ci", "gallery/service-accounts/ci"))
apolo("ada", "service-account create --name ci", exit=65)
apolo("ada", "service-account ls", says="ci")
apolo("ada", "service-account get ci", says=("ci", "portraits"))
token = re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", said)
apolo("bot", login.format(token.group(0) if token else "none"), says="Logged into")
apolo("bot", "config show", says=("gallery", "oslo", "portraits"))
apolo("uma", "acl grant image:net gallery/service-accounts/ci read")
apolo("bot", "acl list --full-uri", says="image://oslo/gallery/portraits/net")
apolo("ada", "service-account rm ci")
apolo("bot", "acl list", exit=77)

# When an organization is told of its credits, with the library.
points = OrgNotificationIntervals(balance_projection_seconds=[86400], balance_amount=[100, -50], balance_depletion_seconds=[0])
told = library("max", lambda client: client.update_org("gallery", Decimal(50), points))
equal(told if isinstance(told, int) else told.notification_intervals, points, "when an organization is told of its credits")
later = OrgNotificationIntervals(balance_projection_seconds=None, balance_amount=None, balance_depletion_seconds=[86400])
equal(library("max", lambda client: client.update_org("gallery", Decimal(50), later)), 400, "what can't be told is refused")
equal(library("uma", lambda client: client.update_org("gallery", Decimal(50), points)), 403, "users don't say when")
apolo("max", "admin add-org-user gallery pia", says="pia")
apolo("uma", "admin get-project-users oslo portraits --org gallery", says="pia", hides="zoe")
apolo("uma", "admin remove-project oslo portraits --org gallery --force")
apolo("uma", "admin get-projects oslo --org gallery", hides="portraits")

# Several organizations, and switching between them.
apolo("uma", "admin add-org studio")
apolo("uma", "config switch-org studio")
apolo("uma", "config show", says="studio")
apolo("uma", "config switch-org gallery")
apolo("uma", "admin get-orgs", says=("gallery", "studio"))

# Who is removed has lost it at once, with all that hung on it.
apolo("max", "admin remove-org-user gallery uma")
apolo("uma", "admin get-org-users gallery", exit=72)
apolo("uma", "admin get-orgs", says="studio", hides="gallery")
apolo("ada", "admin get-cluster-users rome --org gallery", hides="uma")
apolo("olga", "admin remove-org-cluster rome gallery --force")
apolo("olga", "admin get-cluster-orgs rome", hides="gallery")
apolo("ada", "admin remove-org gallary --force", exit=127)
apolo("ada", "admin remove-org gallery --force")
apolo("ada", "admin get-orgs", hides="gallery")
apolo("olga", "admin remove-cluster rome --force")
apolo("olga", "admin get-clusters", hides="rome")
stage.finish()
