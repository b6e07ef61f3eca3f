"""A mail server for the tests: aiosmtpd on a free port of the loopback, until its standard input ends.

Prints one line of JSON when it listens: {"port": …}. Writes every message it takes to DIRECTORY/<id of the Message-ID>.json, parsed by Python's email package.
The local part of a recipient chooses what happens: rcpt-450, rcpt-550, rcpt-550-lines, data-451, data-554, late, slow, cut.
"""

import argparse
import asyncio
import json
import pathlib
import ssl
import sys
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("directory", type=pathlib.Path)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--certificate", type=pathlib.Path, help="a PEM file with certificate and key: offer STARTTLS")
parser.add_argument("--implicit", action="store_true", help="speak TLS from the first byte")
parser.add_argument("--require-tls", action="store_true")
parser.add_argument("--login", help="user:password; mails are taken after AUTH alone")
parser.add_argument("--greeting", help="say this, and nothing else; an empty one stays silent")
arguments = parser.parse_args()


def mailboxes(raw, name):
    # The newer parser of Python 3.11 keeps the space between two encoded words of a name, which RFC 2047 §6.2 drops; the older one is right.
    found = getaddresses(message_from_bytes(raw, policy=policy.compat32).get_all(name))
    return [[str(make_header(decode_header(display_name))), address] for display_name, address in found]


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        wish = address.split("@")[0]
        if wish == "rcpt-550-lines":
            return "550-5.7.1 We don't know you.\r\n550 5.7.1 See <https://example.org/why>"
        if wish.startswith("rcpt-"):
            return wish.removeprefix("rcpt-") + " No mailbox of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        wish = envelope.rcpt_tos[0].split("@")[0]
        if wish.startswith("data-"):
            return wish.removeprefix("data-") + " Not this one"
        if wish in ("late", "slow"):
            await asyncio.sleep(5 if wish == "late" else 30)
        if wish == "cut":
            server.transport.abort()
            return "250 OK"
        raw = envelope.content
        message = message_from_bytes(raw, policy=policy.default)
        record = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "greeting": session.host_name,
            "tls": session.ssl is not None or arguments.implicit,
            "login": (session.auth_data or {}).get("login"),
            "connection": session.peer[1],
            "headers": [[name, str(value)] for name, value in message.items()],
            "senders": mailboxes(raw, "From"),
            "recipients": mailboxes(raw, "To"),
            "parts": [{"type": part.get_content_type(), "content": part.get_content().replace("\r\n", "\n")} for part in message.iter_parts()],
            "defects": [repr(d) for part in message.walk() for d in part.defects] + [repr(d) for value in message.values() for d in value.defects],
            "longest_line": max(len(line) for line in raw.split(b"\r\n")),
            "lone_breaks": raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"),
            "foreign_bytes": sorted({b for b in raw if not (32 <= b < 127 or b in (9, 10, 13))}),
            "raw": raw.decode("latin-1"),
        }
        name = message["Message-ID"].strip("<>").split("@")[0]
        (arguments.directory / f"{name}.json").write_text(json.dumps(record))
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    user, password = data.login.decode(), data.password.decode()
    accepted = f"{user}:{password}" == arguments.login
    return AuthResult(success=accepted, handled=False, auth_data={"login": user} if accepted else None)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(arguments.certificate)
    return made


def session():
    return SMTP(
        Handler(),
        hostname="mail.test",
        tls_context=context() if arguments.certificate and not arguments.implicit else None,
        require_starttls=arguments.require_tls,
        authenticator=authenticate if arguments.login else None,
        auth_required=bool(arguments.login),
        auth_require_tls=bool(arguments.certificate) and not arguments.implicit,
        decode_data=False,
    )


async def greet(reader, writer):
    if arguments.greeting:
        writer.write(arguments.greeting.encode() + b"\r\n")
        await writer.drain()
    await reader.read()
    writer.close()


async def serve():
    loop = asyncio.get_running_loop()
    if arguments.greeting is not None:
        server = await asyncio.start_server(greet, "127.0.0.1", arguments.port)
    else:
        server = await loop.create_server(session, "127.0.0.1", arguments.port, ssl=context() if arguments.implicit else None)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)


asyncio.run(serve())
