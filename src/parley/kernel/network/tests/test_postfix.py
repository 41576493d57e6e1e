"""A real mail server takes our mail, encrypted, recipient by recipient, and signatures survive the way through it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import dkim  # type: ignore[import-untyped]
import pytest
import pytest_asyncio

from parley.email.channels.tests.channels import one_key
from parley.email.letters.composing import Letter, Said, mail_of
from parley.email.letters.signing import SigningKey, signed
from parley.kernel.network.smtp import SmtpConnection
from tests.certificates import write_certificate
from tests.postfix import Postfix, is_installed
from tests.servers import free_port
from tests.smtp_peer import SmtpPeer, smtp_peer

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
LISTENS = """
smtp_tls_security_level = none
smtpd_tls_security_level = may
smtpd_tls_cert_file = {folder}/cert.pem
smtpd_tls_key_file = {folder}/cert.pem
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ gone@example.com = 550 5.1.1 Unknown }} }},
    check_recipient_access inline:{{ {{ later@example.com = 450 4.2.0 Later }} }},
    permit_mynetworks, reject
"""


@pytest_asyncio.fixture
async def peer() -> AsyncIterator[SmtpPeer]:
    async with smtp_peer() as made:
        yield made


@pytest_asyncio.fixture
async def port(peer: SmtpPeer) -> AsyncIterator[int]:
    """Return where a Postfix listens that brings everything to the peer."""
    if not is_installed():
        pytest.skip("postfix is not installed, or this isn't root")
    found = free_port()
    with TemporaryDirectory(prefix="parley-postfix-") as name:
        folder = Path(name)
        made = Postfix(folder, peer.port)
        write_certificate(folder / "cert.pem")
        main, master = folder / "main.cf", folder / "master.cf"
        kept = main.read_text().replace("smtp_tls_security_level = encrypt\n", "")
        main.write_text(kept + LISTENS.format(folder=folder))
        master.write_text(f"{master.read_text()}127.0.0.1:{found} inet n - n - - smtpd\n")
        await asyncio.to_thread(made.start)
        async with asyncio.timeout(60):
            while not await _listens(found):
                await asyncio.sleep(0.05)
        yield found
        await asyncio.to_thread(made.stop)


async def _listens(port: int) -> bool:
    """Say whether somebody listens: the port comes later than the queue."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def test_postfix_takes_what_it_takes_and_leaves_the_signature_good(port: int, peer: SmtpPeer):
    key = SigningKey("shop.example", "s1", one_key().private_key)
    said = [Said("Grüße, und ein langer Satz. " * 40, None, "Bob", AT)]
    letter = Letter(
        from_name="Grüße, Shop",
        from_email="help@shop.example",
        to="ada@example.com",
        cc=["gone@example.com", "later@example.com"],
        subject="Ihre Bestellung Nº 1001",
        message_id="a@shop.example",
        at=AT,
        said=said,
    )
    raw = signed(mail_of(letter).as_bytes(), key, AT)
    connection = SmtpConnection(f"smtp://127.0.0.1:{port}", "parley.test")
    recipients = ["ada@example.com", "gone@example.com", "later@example.com"]
    for _ in range(2):
        answers = await connection.send("a@shop.example", "help@shop.example", recipients, raw)
        assert [answers[one].code for one in recipients] == [250, 550, 450]
        assert answers["gone@example.com"].text.startswith("5.1.1")
    await connection.close()
    async with asyncio.timeout(60):
        while len(peer.taken) < 2:
            await asyncio.sleep(0.05)

    def record(name: bytes, timeout: int = 5) -> bytes:
        return f"v=DKIM1; k=rsa; p={one_key().public_key}".encode()

    arrived = peer.taken[0]
    assert arrived.recipients == ["ada@example.com"] and b"with ESMTPS" in arrived.raw
    assert dkim.verify(arrived.raw, dnsfunc=record)
