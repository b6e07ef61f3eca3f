"""Signing in with Apolo's command line through the browser: with one on the machine, with one elsewhere, and again before the end."""

import asyncio
import os
import pathlib
import sqlite3
import sys

from browser import Browser, code_in
from stage import Stage, claims

import aiohttp
import apolo_sdk
from apolo_sdk._login import AuthTokenClient, _AuthToken
from yarl import URL

stage = Stage(sys.argv[1], sys.argv[2])
apolo, ask, equal = stage.apolo, stage.ask, stage.equal
base = f"{stage.address}/apolo/api/v1"

for handle in ["olga", "ada"]:
    stage.person(handle)
stage.native("POST", "/clusters", {"name": "Oslo", "slug": "oslo", "is_default": True})

# Anonymous clients are told where to sign in, and nothing else.
status, start = ask("GET", "/apolo/api/v1/config")
equal((status, start["authorized"], "clusters" in start), (200, False, False), "the start for nobody")

# With a browser on the machine.
os.environ["BROWSER"] = f"{sys.executable} {pathlib.Path(__file__).parent / 'browser.py'} %s"
os.environ["GUILDHALL_PERSON"] = "ada"
apolo("ada", f"config login {base}", says="Logged into")
apolo("ada", "admin add-org studio")
apolo("ada", "config switch-org studio")
apolo("ada", "config show", says=("ada", "studio"))
names = [token["name"] for token in stage.native("GET", "/account/tokens", by="ada")["items"]]
stage.expect("Apolo's command line" in names, f"it stands among the tokens: {names}")


# With a browser elsewhere, from which somebody carries the code over.
async def headless(person, home):
    async def carry(url):
        return code_in(Browser(person).allow(str(url)))

    factory = apolo_sdk.Factory(home)
    await factory.login_headless(carry, url=URL(base))
    async with await factory.get() as client:
        name = client.username
    with sqlite3.connect(home / "db") as kept:
        return name, kept.execute("SELECT refresh_token FROM main").fetchone()[0]


equal(asyncio.run(headless("olga", stage.folder / "olga" / "config"))[0], "olga", "who is signed in without a browser")
apolo("olga", "admin get-orgs", says="studio")


# A token is asked for again before it ends; not once it is revoked, and a code is good once.
async def again(secret):
    async with aiohttp.ClientSession() as session:
        client = AuthTokenClient(session, URL(f"{base}/token"), "apolo-cli")
        return await client.refresh(_AuthToken.create(token="x", expires_in=0, refresh_token=secret))


token = asyncio.run(headless("ada", stage.folder / "ada2" / "config"))[1]
renewed = asyncio.run(again(token))
equal(claims(renewed.token)["identity"], "ada", "a token is renewed")
for row in stage.native("GET", "/account/tokens", by="ada")["items"]:
    stage.native("DELETE", f"/account/tokens/{row['id']}", by="ada")
try:
    asyncio.run(again(token))
    stage.fail("A revoked token was renewed.")
except apolo_sdk.AuthError:
    pass
apolo("ada", "admin get-orgs", exit=77)
stage.finish()
