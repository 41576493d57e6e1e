"""The DNS, asked over a real connection."""

import asyncio

from parley.kernel.network import dns
from parley.kernel.network.dns import DnsAnswer, DnsResolver
from tests.dns_server import dns_server


async def test_records_come_whole_and_in_their_order():
    async with dns_server() as server:
        long = "v=DKIM1; k=rsa; p=" + "x" * 600  # too long for UDP: it comes over TCP
        server.publish("key.example", "TXT", long)
        server.publish("mail.example", "MX", "20 b.mail.example.", "10 A.mail.example.")
        server.publish("host.example", "A", "192.0.2.1")
        resolver = DnsResolver(server.address)
        assert await resolver.texts("key.example") == DnsAnswer([long])
        assert await resolver.lookup("mail.example", "MX") == DnsAnswer(["a.mail.example", "b.mail.example"])
        assert await resolver.lookup("host.example", "A") == DnsAnswer(["192.0.2.1"])


async def test_nothing_published_is_an_answer_and_no_problem():
    async with dns_server() as server:
        server.publish("host.example", "A", "192.0.2.1")
        resolver = DnsResolver(server.address)
        assert await resolver.texts("host.example") == DnsAnswer()
        assert await resolver.texts("nowhere.example") == DnsAnswer()


async def test_whatever_fails_is_a_reason_and_takes_a_limited_time(monkeypatch):
    monkeypatch.setattr(dns, "LOOKUP_S", 0.2)
    async with dns_server() as server:
        server.broken, server.silent = {"broken.example"}, {"silent.example"}
        resolver = DnsResolver(server.address)
        names = ("broken.example", "silent.example", "a..b", f"{'x' * 300}.example", "\udc80.example", "")
        async with asyncio.timeout(30):
            answers = [await resolver.texts(name) for name in names]
    for answer in answers[:5]:
        assert answer.problem and not answer.found


async def test_a_server_that_is_not_there_is_a_reason(free_tcp_port, monkeypatch):
    monkeypatch.setattr(dns, "LOOKUP_S", 0.2)
    assert (await DnsResolver(("127.0.0.1", free_tcp_port)).texts("a.example")).problem
    assert (await DnsResolver(("no.such.host.invalid", 53)).texts("a.example")).problem
