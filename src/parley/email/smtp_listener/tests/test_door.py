"""The SMTP door, as mail servers and strangers use it."""

import asyncio
from contextlib import asynccontextmanager, suppress

import aiosmtplib
import pytest
import pytest_asyncio

from parley.email.inbound.tests.mailbox import mail, make_mailbox
from parley.email.smtp_listener import door, limits
from parley.email.smtp_listener import listener as listener_module
from parley.email.smtp_listener.listener import SmtpListener
from parley.kernel.errors import Unavailable


@pytest_asyncio.fixture
async def mailbox(services, queue, alice):
    return await make_mailbox(services, queue, alice)


@pytest_asyncio.fixture
async def listener(services):
    made = SmtpListener(services)
    await made.start()
    yield made
    await made.stop()


@asynccontextmanager
async def client_of(listener):
    made = aiosmtplib.SMTP(hostname="127.0.0.1", port=listener.port, start_tls=False, timeout=60)
    async with made:
        yield made


class RawClient:
    """A client that says whatever it likes."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes, answers: int = 1) -> list[str]:
        self.writer.write(data)
        await self.writer.drain()
        return [await self.answer() for _ in range(answers)]

    async def answer(self):
        async with asyncio.timeout(60):
            line = str(await self.reader.readline(), "ascii")
            while line[3:4] == "-":
                line = str(await self.reader.readline(), "ascii")
        return line[:3]


@asynccontextmanager
async def raw_client(listener):
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port, limit=2**20)
    made = RawClient(reader, writer)
    assert await made.answer() in ("220", "421")
    yield made
    writer.close()


async def test_a_mail_that_was_acknowledged_is_in_the_ledger(mailbox, listener):
    raw = mail("Hällo", subject="Wörter")
    async with client_of(listener) as client:
        refused, words = await client.sendmail("ada@example.com", [mailbox.address], raw)
    assert not refused and words.startswith("2.0.0")
    [row] = await mailbox.rows()
    assert (row.source, row.envelope_from, row.recipient) == ("smtp", "ada@example.com", mailbox.address)
    await mailbox.queue.drain()
    assert (await mailbox.row(row.id)).state == "stored"


async def test_what_comes_twice_or_to_two_spellings_is_one_mail(mailbox, listener):
    raw = mail()
    async with client_of(listener) as client:
        both = [mailbox.address, mailbox.address.upper()]
        for _ in range(2):
            await client.sendmail("ada@example.com", both, raw)
    [row] = await mailbox.rows()
    assert row.deliveries == 2


async def test_it_takes_mail_for_nobody_else(mailbox, listener):
    unknown = mailbox.address.replace("team-", "team-0")
    token = mailbox.address.split("@")[0]
    async with client_of(listener) as client:
        await client.ehlo()
        await client.mail("ada@example.com")
        for address in (
            "bob@example.com",
            unknown,
            f"{token}@example.com",
            f"{token}@inbound.localhost.example",
        ):
            with pytest.raises(aiosmtplib.SMTPRecipientRefused) as refused:
                await client.rcpt(address)
            assert refused.value.code == 550
        for address in ("@relay.example:x@inbound.localhost", "a%b@inbound.localhost", "postmaster"):
            with pytest.raises(aiosmtplib.SMTPResponseException):
                await client.rcpt(address)
    assert await mailbox.rows() == []


async def test_who_tries_out_addresses_is_sent_away(mailbox, listener):
    async with raw_client(listener) as client:
        await client.say(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\n", 2)
        tried = b"".join(b"RCPT TO:<team-%032x@inbound.localhost>\r\n" % number for number in range(10))
        answers = await client.say(tried, 10)
        assert answers == ["550"] * 9 + ["421"]
        assert await client.reader.read() == b""


async def test_a_mail_without_a_return_path_comes_in(mailbox, listener):
    async with client_of(listener) as client:
        await client.sendmail("", [mailbox.address], mail())
    [row] = await mailbox.rows()
    assert row.envelope_from is None


async def test_only_crlf_dot_crlf_ends_a_mail(mailbox, listener):
    """A second mail inside the first one would come from whoever the first one names (SMTP smuggling)."""
    to = mailbox.address.encode()
    begin = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<%s>\r\nDATA\r\n" % to
    forged = b"MAIL FROM:<c@d.example>\r\nRCPT TO:<%s>\r\nDATA\r\nForged\r\n" % to
    for number, ending in enumerate(
        (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n\x00.\r\n", b"\r\n..\r\n")
    ):
        async with raw_client(listener) as client:
            assert await client.say(begin, 4) == ["250", "250", "250", "354"]
            inside = b"Subject: %d\r\n\r\nHello%s%s\r\n.\r\n" % (number, ending, forged)
            assert await client.say(inside + b"QUIT\r\n", 2) == ["250", "221"]
    rows = await mailbox.rows()
    assert len(rows) == 6 and {row.envelope_from for row in rows} == {"a@b.example"}


async def test_commands_may_come_in_one_piece_and_with_bytes_of_any_kind(mailbox, listener):
    async with raw_client(listener) as client:
        assert await client.say(b"\x00\xff\x80\r\n") == ["500"]
        assert await client.say(b"EHLO \xff\x00\r\n") == ["250"]
        assert await client.say(b"x" * 400_000 + b"\r\n") == ["500"]
        body = b"Subject: x\r\n\r\n" + b"\x00\x80\xff" * 100 + b"y" * 100_000 + b"\r\n.\r\n"
        sender = "MAIL FROM:<ä@b.example> SMTPUTF8 BODY=8BITMIME"
        whole = f"{sender}\r\nRCPT TO:<{mailbox.address}>\r\nDATA\r\n"
        assert await client.say(whole.encode(), 3) == ["250", "250", "354"]
        assert await client.say(body) == ["250"]
    [row] = await mailbox.rows()
    assert row.size_bytes > 100_000


async def test_its_size_is_announced_and_enforced_while_reading(mailbox, listener, monkeypatch):
    async with client_of(listener) as client:
        await client.ehlo()
        assert client.esmtp_extensions["size"] == str(limits.MAX_MAIL_BYTES)
        assert client.supports_extension("8bitmime") and client.supports_extension("smtputf8")
        assert "auth" not in client.esmtp_extensions
        with pytest.raises(aiosmtplib.SMTPSenderRefused) as refused:
            await client.mail("ada@example.com", options=[f"SIZE={limits.MAX_MAIL_BYTES + 1}"])
        assert refused.value.code == 552
    monkeypatch.setattr(door, "MAX_MAIL_BYTES", 10_000)
    async with raw_client(listener) as client:
        begin = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<%s>\r\nDATA\r\n" % mailbox.address.encode()
        await client.say(begin, 4)
        assert await client.say(b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 200 + b".\r\n") == ["552"]
    assert await mailbox.rows() == []


async def test_mails_that_take_too_much_together_are_cut_off(mailbox, listener, monkeypatch):
    monkeypatch.setattr(door, "MOST_HELD_BYTES", 50_000)
    async with raw_client(listener) as client:
        begin = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<%s>\r\nDATA\r\n" % mailbox.address.encode()
        await client.say(begin, 4)
        client.writer.write((b"y" * 70 + b"\r\n") * 1000)
        with suppress(ConnectionError):
            assert await client.reader.read() == b""
    async with client_of(listener) as client:
        await client.sendmail("a@b.example", [mailbox.address], mail())
    assert len(await mailbox.rows()) == 1


async def test_one_network_has_some_connections_and_no_more(listener, monkeypatch):
    monkeypatch.setattr(limits, "MOST_PER_NETWORK", 2)
    async with raw_client(listener), raw_client(listener), raw_client(listener) as third:
        assert await third.reader.read() == b""
    await asyncio.sleep(0.05)
    async with raw_client(listener) as again:
        assert await again.say(b"NOOP\r\n") == ["250"]


async def test_while_nothing_can_be_stored_the_sender_keeps_the_mail(mailbox, listener, monkeypatch):
    async def away(*_):
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(door, "receive", away)
        async with client_of(listener) as client:
            with pytest.raises(aiosmtplib.SMTPDataError) as refused:
                await client.sendmail("a@b.example", [mailbox.address], mail())
        assert refused.value.code == 451
    with monkeypatch.context() as patched:
        patched.setattr(door, "channel_by_token", away)
        async with client_of(listener) as client:
            with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as all_refused:
                await client.sendmail("a@b.example", [mailbox.address], mail())
        assert [one.code for one in all_refused.value.recipients] == [451]
    assert await mailbox.rows() == []


async def test_a_mail_that_goes_in_circles_is_refused(mailbox, listener):
    raw = b"Received: from x by y; now\r\n" * 102 + mail()
    async with client_of(listener) as client:
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await client.sendmail("a@b.example", [mailbox.address], raw)
    assert refused.value.code == 554


async def test_a_certificate_that_is_gone_is_said_in_one_line_and_the_one_before_goes_on(
    listener, monkeypatch, caplog
):
    def gone():
        raise FileNotFoundError(2, "No such file", "cert.pem")

    monkeypatch.setattr(listener, "_load_certificate", gone)
    monkeypatch.setattr(listener_module, "RELOAD_S", 0.01)
    reloading = asyncio.create_task(listener._reload())
    async with asyncio.timeout(60):
        while not caplog.records:
            await asyncio.sleep(0.01)
    assert not reloading.done()
    reloading.cancel()
    [line, *_] = caplog.records
    assert (line.levelname, line.exc_info) == ("WARNING", None) and "cert.pem" in line.getMessage()
    async with client_of(listener) as client:
        assert (await client.noop()).code == 250
