"""The client for what leaves the server, against real servers on loopback addresses."""

import asyncio
import ssl
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import FrameType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from parley.kernel.network import outbound as module
from parley.kernel.network.addresses import AddressRefused
from parley.kernel.network.outbound import CallFailed, Outbound, OutgoingRequest, Session
from tests.receiver import answers, flood, hang, hang_up, receiving, trickle
from tests.servers import free_port

PUBLIC, LOOPBACK = "93.184.216.34", "127.0.0.1"


class Resolver:
    """Answers with one list after the other, and the last one for ever."""

    def __init__(self, *given: Sequence[str]) -> None:
        self.answers = list(given)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def allowing(*receivers, resolve=None):
    allowed = {(one.host, one.port) for one in receivers}
    return Outbound(allowed, resolve=resolve) if resolve else Outbound(allowed)


def request(url, **fields):
    return OutgoingRequest(url=url, body=b"{}", **{"timeout_s": 3.0, **fields})


async def test_an_allowed_private_host_is_called():
    async with receiving() as receiver:
        receiver.respond = answers(201, b"made", X_Thing="a")
        reply = await allowing(receiver).send(request(receiver.url + "?a=b", headers={"X-Own": "1"}))
    assert (reply.status, reply.body, reply.headers["x-thing"], reply.is_cut) == (201, b"made", "a", False)
    [seen] = receiver.received
    assert (seen.method, seen.path, seen.body) == ("POST", "/hook?a=b", b"{}")
    assert (seen.headers["x-own"], seen.headers["host"]) == ("1", f"127.0.0.1:{receiver.port}")
    assert seen.headers["user-agent"].startswith("Parley/")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_loopback_is_not_called_unless_allowed(host):
    async with receiving() as receiver:
        url = f"http://{host}:{receiver.port}/"
        # The permission is for another port of the same host.
        guarded = Outbound({("127.0.0.1", receiver.port + 1), ("localhost", receiver.port + 1)})
        with pytest.raises(AddressRefused):
            await guarded.check(url)
        with pytest.raises(AddressRefused):
            await guarded.send(request(url))
    assert receiver.received == []


async def test_a_name_is_refused_when_one_of_its_addresses_is_private():
    for found in ([PUBLIC, LOOPBACK], ["10.0.0.1"], ["::ffff:10.0.0.1"], ["fe80::1%lo"]):
        with pytest.raises(AddressRefused):
            await Outbound((), resolve=Resolver(found)).send(request("http://hooks.example/"))


async def test_an_answer_of_the_dns_that_changes_later_is_refused_then():
    resolve = Resolver([PUBLIC], [LOOPBACK])
    async with receiving() as receiver:
        guarded = Outbound((), resolve=resolve)
        url = f"http://hooks.example:{receiver.port}/"
        await guarded.check(url)
        with pytest.raises(AddressRefused):
            await guarded.send(request(url))
    assert receiver.received == [] and len(resolve.asked) == 2


async def test_the_connection_goes_to_the_address_that_was_checked():
    port = free_port()
    # The second answer would lead elsewhere; it is never asked for.
    resolve = Resolver([LOOPBACK], ["127.0.0.2"])
    async with receiving(LOOPBACK, port) as checked, receiving("127.0.0.2", port) as elsewhere:
        guarded = Outbound({("hooks.example", port)}, resolve=resolve)
        reply = await guarded.send(request(f"http://hooks.example:{port}/"))
    assert (reply.status, resolve.asked) == (204, [("hooks.example", port)])
    assert (len(checked.received), elsewhere.received) == (1, [])
    assert checked.received[0].headers["host"] == f"hooks.example:{port}"


async def test_the_next_address_is_tried_when_one_does_not_listen():
    async with receiving("127.0.0.2") as receiver:
        resolve = Resolver([LOOPBACK, "127.0.0.2"])
        guarded = Outbound({("hooks.example", receiver.port)}, resolve=resolve)
        reply = await guarded.send(request(f"http://hooks.example:{receiver.port}/"))
    assert reply.status == 204


async def test_a_redirect_is_an_answer_like_any_other():
    async with receiving() as receiver, receiving() as inside:
        receiver.respond = answers(307, Location=inside.url)
        reply = await allowing(receiver).send(request(receiver.url))
    assert (reply.status, inside.received) == (307, [])


async def test_a_server_that_hangs_is_left_after_the_time_limit():
    async with receiving() as receiver:
        for receiver.respond in (hang, trickle):
            began = time.monotonic()
            with pytest.raises(CallFailed, match=r"no answer within 0\.3 seconds"):
                await allowing(receiver).send(request(receiver.url, timeout_s=0.3))
            assert time.monotonic() - began < 30


async def test_an_answer_without_end_is_cut():
    async with receiving() as receiver:
        receiver.respond = flood
        reply = await allowing(receiver).send(request(receiver.url, most_bytes=1000))
    assert (len(reply.body), reply.is_cut) == (1000, True)


async def test_what_does_not_answer_has_failed():
    async with receiving() as receiver:
        receiver.respond = hang_up
        with pytest.raises(CallFailed):
            await allowing(receiver).send(request(receiver.url))
    with pytest.raises(CallFailed, match="connection failed"):
        await allowing(receiver).send(request(receiver.url))


async def test_an_answer_that_is_not_http_has_failed():
    async def babble(writer, _):
        writer.write(b"220 mail.example ESMTP\r\n")

    async with receiving() as receiver:
        receiver.respond = babble
        with pytest.raises(CallFailed, match="without a valid answer"):
            await allowing(receiver).send(request(receiver.url))


async def test_a_name_that_nobody_knows_fails_and_passes_the_check():
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    guarded = Outbound((), resolve=nowhere)
    await guarded.check("https://hooks.example/")
    with pytest.raises(CallFailed, match=r"hooks\.example cannot be resolved"):
        await guarded.send(request("https://hooks.example/"))


async def test_a_resolver_that_hangs_is_left():
    async def slow(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    with pytest.raises(CallFailed):
        await Outbound((), resolve=slow).send(request("https://hooks.example/", timeout_s=0.2))


async def test_proxies_of_the_environment_are_not_used(monkeypatch):
    async with receiving() as receiver, receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await allowing(receiver).send(request(receiver.url))
    assert (len(receiver.received), proxy.received) == (1, [])


def certificate_for(name, folder):
    """Write a certificate that signs itself, and its key; return the file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = builder.sign(key, hashes.SHA256())
    file = folder / f"{name}.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


async def test_the_certificate_is_checked_against_the_name_and_not_the_address(tmp_path, monkeypatch):
    file = certificate_for("hooks.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    module._tls.cache_clear()
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(file)
    names: list[str | None] = []
    serving.sni_callback = lambda _socket, name, _context: names.append(name)
    try:
        async with receiving(tls=serving) as receiver:
            allowed = {(name, receiver.port) for name in ("hooks.example", "other.example")}
            guarded = Outbound(allowed, resolve=Resolver([LOOPBACK]))
            reply = await guarded.send(request(f"https://hooks.example:{receiver.port}/"))
            assert (reply.status, names) == (204, ["hooks.example"])
            with pytest.raises(CallFailed, match="certificate"):
                await guarded.send(request(f"https://other.example:{receiver.port}/"))
    finally:
        module._tls.cache_clear()


@asynccontextmanager
async def keeping(answers_each: int) -> AsyncIterator[tuple[int, list[int]]]:
    """Serve on connections that are kept for some requests and then closed without a word; yield port and counts."""
    counts: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = len(counts)
        counts.append(0)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            for _ in range(answers_each):
                await reader.readuntil(b"{}")
                counts[place] += 1
                writer.write(b"HTTP/1.1 204 X\r\nSet-Cookie: a=b\r\n\r\n")
                await writer.drain()
            await reader.readuntil(b"{}")
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    yield server.sockets[0].getsockname()[1], counts
    server.close()


async def test_a_session_keeps_connections_to_what_was_checked():
    async with keeping(answers_each=5) as (port, counts):
        resolve = Resolver([LOOPBACK], [PUBLIC])
        guarded = Outbound({("hooks.example", port)}, resolve=resolve)
        async with guarded.session() as session:
            for _ in range(5):
                reply = await session.send(request(f"http://hooks.example:{port}/"))
                assert reply.status == 204
    assert (counts, len(resolve.asked)) == ([5], 1)


async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_once():
    async with keeping(answers_each=2) as (port, counts), Outbound({(LOOPBACK, port)}).session() as session:
        for _ in range(4):
            await session.send(request(f"http://{LOOPBACK}:{port}/"))
    assert counts == [2, 2]


async def python_calls(session: Session, port: int, lanes: int) -> float:
    """Return how many functions of Python one call takes, with so many of them under way side by side."""
    each, n_calls = 20, 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal n_calls
        n_calls += event == "call"

    async def lane(times: int) -> None:
        for _ in range(times):
            await session.send(request(f"http://{LOOPBACK}:{port}/"))

    await asyncio.gather(*(lane(1) for _ in range(lanes)))  # now there are as many connections
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        await asyncio.gather(*(lane(each) for _ in range(lanes)))
    finally:
        sys.setprofile(before)
    return n_calls / (lanes * each)


async def test_a_call_costs_the_same_however_many_connections_there_are():
    async with keeping(answers_each=1000) as (port, counts):
        outbound = Outbound({(LOOPBACK, port)})
        async with outbound.session() as one, outbound.session() as many:
            alone = await python_calls(one, port, 1)
            assert await python_calls(many, port, 24) < 1.3 * alone
    assert len(counts) == 25


async def test_after_a_call_that_was_not_answered_the_next_one_has_a_connection_of_its_own():
    async with receiving() as receiver, allowing(receiver).session() as session:
        for _ in range(3):
            receiver.respond = hang
            with pytest.raises(CallFailed):
                await session.send(request(receiver.url, timeout_s=0.1))
            receiver.respond = answers(204)
            assert (await session.send(request(receiver.url))).status == 204


async def test_a_session_checks_each_name_that_it_calls():
    async with keeping(answers_each=2) as (port, _):
        resolve = Resolver([LOOPBACK], [PUBLIC, LOOPBACK])
        async with Outbound({("hooks.example", port)}, resolve=resolve).session() as session:
            await session.send(request(f"http://hooks.example:{port}/"))
            with pytest.raises(AddressRefused):
                await session.send(request(f"http://other.example:{port}/"))
