"""A mail server that takes mail only encrypted and from who knows the password, and writes each one as a line of JSON.

    mail.py PORT CERTIFICATE KEY FILE
"""

import email.policy
import json
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        kept = {
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "subject": mail["Subject"],
            "references": mail["References"],
            "mime": mail["MIME-Version"],
            "auto": mail["Auto-Submitted"],
            "text": mail.get_content(),
        }
        with open(sys.argv[4], "a", encoding="utf-8") as file:
            file.write(json.dumps(kept) + "\n")
        return "250 taken"


def known(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"phusong", b"s3cret"))


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(sys.argv[2], sys.argv[3])
Controller(
    Keeper(),
    hostname="127.0.0.1",
    port=int(sys.argv[1]),
    tls_context=context,
    require_starttls=True,
    auth_required=True,
    authenticator=known,
).start()
while True:
    time.sleep(60)
