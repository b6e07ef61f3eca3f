"""The last of ZenML's clients that call workspaces tenants."""

import argparse
import json
import traceback

from stage import GUILD, Stage

arguments = argparse.ArgumentParser()
arguments.add_argument("address")
arguments.add_argument("folder")
options = arguments.parse_args()
stage = Stage(options.address, options.folder)

try:
    status, token = stage.ask("POST", "/zenml/api/v1/auth/login", form={"username": "ada", "password": "nine lilac kites over water"})
    stage.expect("a name and a password sign in", status == 200 and token["token_type"] == "bearer", (status, token))
    program = f"""
import asyncio, json
from zenml.login.credentials_store import get_credentials_store
from zenml.login.pro.client import ZenMLProClient
from zenml.models.v2.misc.auth_models import OAuthTokenResponse
token = OAuthTokenResponse.model_validate(json.loads({json.dumps(token)!r}))
get_credentials_store().set_token({stage.pro!r}, token, is_zenml_pro=True)
client = ZenMLProClient({stage.pro!r})
organizations = asyncio.run(client.organization.list())
tenants = client.tenant.list(member_only=True)
named, nowhere = client.tenant.list(tenant_name="research"), client.tenant.list(tenant_name="nowhere")
one = client.tenant.get(named[0].id)
found = client.tenant.list(url=one.url)
try: client.tenant.get(organizations[0].id); refused = None
except Exception as error: refused = type(error).__name__
print(json.dumps([[o.name for o in organizations], "research" in [t.name for t in tenants], [t.name for t in named], len(nowhere), one.status,
    one.organization_name, [t.name for t in found], refused]))
"""
    seen = stage.library(program, home="library")
    stage.expect(
        "the library finds organizations and tenants",
        seen == [[GUILD], True, ["research"], 0, "available", GUILD, ["research"], "KeyError"], seen)
    status, output = stage.command("server", "list", "--pro-api-url", stage.pro, home="library")
    stage.expect("the command line lists them", status == 0 and "research" in output, output)
except Exception:
    stage.expect("the story is told to its end", False, traceback.format_exc())
stage.end()
