"""Databases with one big organization, kept for the next run.

The installation, its operator, the organization and a token are made by the product itself; the members are then inserted in bulk, as the product's own
statements would, and the product's own jobs, counters and lists are asked whether all is as it should be.
"""
import base64
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import time

from .machine import Server, note

PASSWORD = "nine lilac kites over water"
FIRST = ["Anna", "Bela", "Carl", "Dora", "Emil", "Fred", "Gina", "Hugo", "Ines", "Jonas", "Karin", "Luis", "Mara", "Nils", "Olga", "Petr", "Rosa", "Sven", "Tina", "Udo", "Vera", "Willy",
         "Xenia", "Yann", "Zoe"]
# Raised when what is seeded changes, so that older databases are made again.
EDITION = 2
# So many of the members can sign in with PASSWORD.
PEOPLE_WITH_PASSWORD = 2000


def uuid7(milliseconds, rng):
    bits = (milliseconds << 80) | (7 << 76) | (rng.getrandbits(12) << 64) | (2 << 62) | rng.getrandbits(62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def digest(secret):
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode().rstrip("=")


class Seed:
    """A database of `size` members beside the operator, with what is needed to ask for them."""

    def __init__(self, path, facts):
        self.path = path
        self.facts = facts
        self.token = facts["token"]
        self.slug = facts["slug"]
        self.organization = facts["organization"]
        self.member = facts["sample"][0]["id"]

    @classmethod
    def of(cls, machine, size):
        path = machine.path(f"members-{EDITION}-{size}.db")
        if not os.path.exists(path + ".json"):
            for end in ("", "-wal", "-shm", ".key"):
                if os.path.exists(path + end):
                    os.remove(path + end)
            started = time.time()
            cls._make(machine, path, size)
            note(f"seeded {size} members in {time.time() - started:.0f} s, {os.path.getsize(path) / 1e6:.0f} MB")
        return cls(path, json.load(open(path + ".json")))

    def copy(self, machine):
        """One that may be changed."""
        target = machine.path("scratch.db")
        for end in ("-wal", "-shm"):
            if os.path.exists(target + end):
                os.remove(target + end)
        shutil.copy(self.path, target)
        shutil.copy(self.path + ".key", target + ".key")
        shutil.copy(self.path + ".json", target + ".json")
        return Seed(target, self.facts)

    @classmethod
    def _make(cls, machine, path, size):
        subprocess.run(
            [machine.build("guildhall"), "account", "create", "--super-user", "--email", "ada@analytical.example", "--name", "Ada Lovelace", "--handle", "ada", "--database", path,
             "--log-level", "error"], input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
        with Server.guildhall(machine, path) as server:
            session = server.ask("POST", "/api/v1/sessions", {"login": "ada", "password": PASSWORD})["secret"]
            founded = server.ask("POST", "/api/v1/organizations", {"name": "Analytical Engines", "slug": "analytical-engines", "billing_email": "ada@analytical.example"}, session)
            token = server.ask(
                "POST", "/api/v1/account/tokens", {"name": "benchmark", "scopes": ["organization:admin"], "expires_in_days": 366}, session)["secret"]
        facts = {"token": token, "slug": founded["slug"], "organization": founded["id"], "sample": cls._insert(path, founded["id"], size)}
        with Server.guildhall(machine, path, "--rate-limits", "off") as server:
            cls._expect(server, facts, size, path)
        db = sqlite3.connect(path)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        json.dump(facts, open(path + ".json", "w"))

    @staticmethod
    def _insert(path, organization, size):
        rng = random.Random(7)
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA cache_size = -1048576")
        db.execute("PRAGMA synchronous = OFF")
        password = db.execute("SELECT password FROM account WHERE super_user = 1").fetchone()[0]
        now = int(time.time() * 1000)
        sample = []
        every = max(1, size // 200)
        db.execute("BEGIN IMMEDIATE")
        for start in range(0, size, 10_000):
            accounts, names, emails, members = [], [], [], []
            for number in range(start, min(size, start + 10_000)):
                at = now - 86_400_000 * 300 + number
                account, member = uuid7(at, rng), uuid7(at, rng)
                last = "".join(rng.choice("bcdfghklmnprstvw") + rng.choice("aeiou") for _ in range(rng.randint(2, 4))).title()
                name = f"{rng.choice(FIRST)} {last}"
                handle = f"{name.lower().replace(' ', '-')}-{number}"
                address = f"{name.lower().replace(' ', '.')}{number % 997}.{number}@example.com"
                # A thousandth each of roles that are rare, a hundredth of standings that are.
                roles = "member" if number % 10 else "viewer" if number % 1000 else "billing"
                expires = at + 86_400_000 * 900 if number % 100 == 1 else now - 86_400_000 if number % 100 == 2 else None
                suspended = now - 3_600_000 if number % 100 == 3 else None
                active = 0 if number % 100 == 4 else 1
                standing = "deactivated" if not active else "suspended" if suspended else "active" if not expires else "expiring" if expires > now else "expired"
                accounts.append((account, name, password if number < PEOPLE_WITH_PASSWORD else None, active, at))
                names.append((handle, handle, account, at))
                emails.append((uuid7(at, rng), account, address, at, at))
                members.append((member, organization, account, roles, at, expires, suspended, handle, name, address, name.lower(), f"{name} {handle} {address}".lower(), f"{standing} {roles}"))
                if number % every == 0 and len(sample) < 200:
                    sample.append({"id": member, "account": account, "name": name, "sort_name": name.lower(), "since": at, "handle": handle})
            db.executemany("INSERT INTO account (id, name, password, active, super_user, created_at, revision) VALUES (?, ?, ?, ?, 0, ?, 1)", accounts)
            db.executemany("INSERT INTO name (key, text, kind, owner, current, since) VALUES (?, ?, 'account', ?, 1, ?)", names)
            db.executemany("INSERT INTO account_email (id, account, address, verified_at, is_primary, created_at) VALUES (?, ?, ?, ?, 1, ?)", emails)
            db.executemany(
                "INSERT INTO member (id, organization, account, roles, is_admin, source, since, expires_at, suspended_at, handle, name, address, sort_name, search_text,"
                " segment, revision) VALUES (?, ?, ?, ?, 0, 'invited', ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)", members)
        db.execute("UPDATE organization SET members = (SELECT count(*) FROM member WHERE organization = organization.id)")
        db.execute("DELETE FROM member_segment")
        db.execute("INSERT INTO member_segment (organization, segment, members) SELECT organization, segment, count(*) FROM member GROUP BY organization, segment")
        db.execute("COMMIT")
        db.close()
        return sample

    @staticmethod
    def _expect(server, facts, size, path):
        """The product finds what was inserted: by its counters, by its lists and by its index."""
        members = f"/api/v1/organizations/{facts['slug']}/members"
        db = sqlite3.connect(path)
        while db.execute("SELECT 1 FROM member WHERE search_number IS NULL LIMIT 1").fetchone():
            time.sleep(1)
        db.close()
        ask = lambda query: server.ask("GET", members + query, token=facts["token"])
        person = facts["sample"][0]
        expected = [
            ("?limit=1", size + 1), ("?limit=1&state=suspended", size // 100), ("?limit=1&role=billing", size // 1000),
            (f"?search={person['handle']}", 1), (f"?search={person['handle']}@nowhere", 0),
        ]
        for query, total in expected:
            found = ask(query)["total"]
            if found != total:
                raise RuntimeError(f"the seeded database isn't what it should be: {query} finds {found}, not {total}")
        verdict = server.ask("GET", f"/api/v1/organizations/{facts['slug']}/events/verification", token=facts["token"])
        if not verdict["intact"]:
            raise RuntimeError(f"the chain of events is broken: {verdict}")


def invitees(seed, count):
    """Adds people who are invited and signed in; answers the id of each invitation and the secret of its person's session."""
    rng = random.Random(11)
    db = sqlite3.connect(seed.path, isolation_level=None)
    now = int(time.time() * 1000)
    inviter = db.execute("SELECT id FROM account WHERE super_user = 1").fetchone()[0]
    found = []
    db.execute("BEGIN IMMEDIATE")
    for number in range(count):
        at = now - 60_000 + number
        account, invitation = uuid7(at, rng), uuid7(at, rng)
        secret, handle, address = f"gld_ses_{rng.getrandbits(176):044x}", f"invited-{at}-{number}", f"invited.{at}.{number}@example.com"
        db.execute("INSERT INTO account (id, name, active, super_user, created_at, revision) VALUES (?, ?, 1, 0, ?, 1)", (account, f"Invited {number}", at))
        db.execute("INSERT INTO name (key, text, kind, owner, current, since) VALUES (?, ?, 'account', ?, 1, ?)", (handle, handle, account, at))
        db.execute("INSERT INTO account_email (id, account, address, verified_at, is_primary, created_at) VALUES (?, ?, ?, ?, 1, ?)", (uuid7(at, rng), account, address, at, at))
        db.execute(
            "INSERT INTO session (id, account, digest, created_at, authenticated_at, used_at, idle_at, expires_at, address, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '127.0.0.1', '')",
            (uuid7(at, rng), account, digest(secret), at, at, now, now + 86_400_000, now + 86_400_000))
        db.execute(
            "INSERT INTO invitation (id, organization, address, roles, message, inviter, digest, state, created_at, sent_at, times_sent, expires_at, revision)"
            " VALUES (?, ?, ?, 'member', '', ?, ?, 'pending', ?, ?, 1, ?, 1)",
            (invitation, seed.organization, address, inviter, digest(secret + "i"), at, at, now + 86_400_000))
        found.append((invitation, secret))
    db.execute("COMMIT")
    db.close()
    return found
