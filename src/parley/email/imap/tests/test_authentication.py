"""Who a fetched mail is from: its signature is verified against a DNS of our own; the folder is made up."""

import asyncio
from asyncio import Event
from types import SimpleNamespace
from typing import Any

from parley.email.channels.tests.channels import one_key
from parley.email.imap import fetching, rules
from parley.email.imap.rules import Place
from parley.email.inbound.actions.receiving import record
from parley.email.inbound.tests.mailbox import mail, make_mailbox
from parley.email.letters.signing import SigningKey, signed
from parley.kernel.network.dns import DnsResolver
from tests.dns_server import dns_server

KEY, DMARC = "one._domainkey.example.com", "_dmarc.example.com"
CLAIM = b"Authentication-Results: testserver; dkim=pass header.d=example.com; spf=pass; dmarc=pass\r\n"


class MadeUpFolder:
    """A folder with these mails, numbered from 1."""

    def __init__(self, *mails):
        self._mails = mails

    async def new_uids(self, place):
        return range(1, len(self._mails) + 1)

    async def mail(self, uid):
        return self._mails[uid - 1]


async def fetched(services, box, monkeypatch, *mails):
    """Fetch mails; return the ledger, oldest first."""

    async def take(services, mailbox, uid, incoming, kept):
        async with services.database.transaction() as db:
            await record(db, incoming, kept)

    monkeypatch.setattr(fetching, "_take", take)
    work: Any = SimpleNamespace(stopping=Event())
    folder: Any = MadeUpFolder(*mails)
    mailbox: Any = None
    await fetching._fetch(services, work, mailbox, box.channel, folder, Place(1, 0, 0))
    await box.queue.drain()
    return list(reversed(await box.rows()))


def whole(**headers):
    return mail(**headers).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


async def test_a_signed_mail_proves_its_sender_and_a_forged_one_does_not(
    services, queue, alice, clock, monkeypatch
):
    key = SigningKey("example.com", "one", one_key().private_key)
    good, silent = (signed(whole(subject=name), key, clock.now()) for name in ("Good", "Silent"))
    changed = signed(whole(subject="Forged"), key, clock.now()).replace(b"Hello", b"Hallo")
    box = await make_mailbox(services, queue, alice)
    async with dns_server() as dns:
        dns.publish(KEY, "TXT", f"v=DKIM1; k=rsa; p={one_key().public_key}")
        dns.publish(DMARC, "TXT", "v=DMARC1; p=none")
        monkeypatch.setattr(services, "dns", DnsResolver(dns.address))
        mails = CLAIM + good, CLAIM + changed, CLAIM + whole(subject="Bare")
        await fetched(services, box, monkeypatch, *mails)
        monkeypatch.setattr(rules, "VERIFY_S", 0.3)
        dns.silent = {KEY, DMARC}
        rows = await fetched(services, box, monkeypatch, silent)
    assert [(row.subject, row.state, row.is_authenticated) for row in rows] == [
        ("Good", "stored", True),
        ("Forged", "stored", False),
        ("Bare", "stored", False),
        ("Silent", "stored", False),
    ]
    told = [[(one["method"], one["result"]) for one in row.authentication or []] for row in rows]
    assert told == [
        [("dkim", "pass"), ("dmarc", "pass")],
        [("dkim", "fail"), ("dmarc", "fail")],
        [("dmarc", "fail")],
        [],
    ]


async def test_mails_of_silent_domains_are_verified_side_by_side_and_taken_in_their_order(
    services, queue, alice, clock, monkeypatch
):
    keys = [SigningKey(f"{n}.example.com", "one", one_key().private_key) for n in range(6)]
    box, began = await make_mailbox(services, queue, alice), []

    async def slow(services, raw):
        began.append(raw)
        n_began = len(began)
        async with asyncio.timeout(60):
            while (
                n_began == 1 and len(began) < fetching.AHEAD
            ):  # the first waits for those that are read meanwhile
                await asyncio.sleep(0.01)
        return ()

    monkeypatch.setattr(fetching, "_authentication", slow)
    mails = [signed(whole(subject=key.domain), key, clock.now()) for key in keys]
    rows = await fetched(services, box, monkeypatch, *mails)
    assert [row.subject for row in rows] == [key.domain for key in keys]
    assert not fetching._large.locked()
