"""A whole mail that is posted: its signatures are verified against a DNS of our own."""

from tempfile import TemporaryFile

import msgspec
import pytest

from parley.email.channels.tests.channels import one_key
from parley.email.inbound.tests.mailbox import mail, make_mailbox
from parley.email.letters.signing import SigningKey, signed
from parley.email.mail_webhook.composing import whole_mail
from parley.email.mail_webhook.tests.posted import SIGNING_KEY, posted
from parley.kernel.network.dns import DnsResolver
from tests.dns_server import dns_server

PATH = "/api/conversations/v1/email/inbound"


async def test_a_whole_mail_is_proven_by_its_signature_alone(
    services, queue, alice, anonymous, clock, monkeypatch
):
    settings = msgspec.structs.replace(services.settings, mailgun_signing_key=SIGNING_KEY)
    monkeypatch.setattr(services, "settings", settings)
    box = await make_mailbox(services, queue, alice)
    key = SigningKey("example.com", "one", one_key().private_key)
    good = signed(mail(subject="Good").replace(b"\n", b"\r\n"), key, clock.now())
    lines = signed(mail(subject="LF").replace(b"\n", b"\r\n"), key, clock.now()).replace(b"\r\n", b"\n")
    forged = b"X-Mailgun-Spf: Pass\r\n" + mail(subject="Forged").replace(b"\n", b"\r\n")
    async with dns_server() as dns:
        dns.publish("one._domainkey.example.com", "TXT", f"v=DKIM1; k=rsa; p={one_key().public_key}")
        monkeypatch.setattr(services, "dns", DnsResolver(dns.address))
        for raw in (good, lines, forged):
            fields = {name: (None, value) for name, value in posted(box.address, body_plain=None).items()}
            answer = await anonymous.post(PATH, files={**fields, "body-mime": (None, raw)})
            assert answer.status_code == 200, answer.text
    await queue.drain()
    found = {row.subject: (row.state, row.is_authenticated) for row in await box.rows()}
    assert found == {"Good": ("stored", True), "LF": ("stored", True), "Forged": ("stored", False)}


@pytest.mark.parametrize(
    ("posted_mail", "read"),
    [(b"a\nb\n", b"a\r\nb\r\n"), (b"a\r\nb\n", b"a\r\nb\n"), (b"a\rb\n", b"a\rb\n"), (b"", b"")],
)
def test_line_ends_are_made_whole_where_there_is_one_kind_only(posted_mail, read):
    with TemporaryFile() as file:
        file.write(posted_mail)
        assert whole_mail(file) == read
