"""Who a mail is from, checked against a DNS of our own."""

import asyncio
import time

import pytest

from parley.email.channels.tests.channels import one_key
from parley.email.letters.signing import SigningKey, signed
from parley.email.parsing.schemas import AuthenticationResult
from parley.email.sender_verification import verification
from parley.email.sender_verification.verification import Envelope, is_aligned, verified
from parley.kernel.network import dns as network_dns
from parley.kernel.network.dns import DnsResolver
from tests.dns_server import dns_server

MAIL = b"From: Ada <ada@example.com>\r\nTo: b@c.example\r\nSubject: Hi\r\nDate: x\r\n\r\nHello\r\n"


@pytest.fixture
async def dns(services, monkeypatch):
    async with dns_server() as server:
        monkeypatch.setattr(services, "dns", DnsResolver(server.address))
        server.services = services  # type: ignore[attr-defined]
        server.publish("one._domainkey.example.com", "TXT", f"v=DKIM1; k=rsa; p={one_key().public_key}")
        server.publish("example.com", "TXT", "v=spf1 ip4:192.0.2.0/24 include:more.example mx -all")
        server.publish("more.example", "TXT", "v=spf1 a:host.example ~all")
        server.publish("host.example", "A", "198.51.100.1")
        server.publish("example.com", "MX", "10 mx.example.com.")
        server.publish("mx.example.com", "AAAA", "2001:db8::1")
        server.publish("_dmarc.example.com", "TXT", "v=DMARC1; p=reject")
        yield server


def signature(mail, clock, domain="example.com"):
    return signed(mail, SigningKey(domain, "one", one_key().private_key), clock.now())


async def results(dns, mail, client="203.0.113.9", mail_from="ada@example.com"):
    envelope = Envelope(client=client, helo="mail.example.com", mail_from=mail_from)
    found = await verified(dns.services, envelope, mail)
    return [(one.method, one.result, one.domain) for one in found]


@pytest.mark.parametrize(
    ("client", "result"),
    [
        ("192.0.2.77", "pass"),
        ("198.51.100.1", "pass"),
        ("2001:db8::1", "pass"),
        ("203.0.113.9", "fail"),
    ],
)
async def test_spf_is_for_the_return_path(dns, client, result):
    dmarc = "pass" if result == "pass" else "fail"
    assert await results(dns, MAIL, client) == [
        ("spf", result, "example.com"),
        ("dmarc", dmarc, "example.com"),
    ]


async def test_a_return_path_of_another_domain_proves_nothing(dns):
    dns.publish("evil.example", "TXT", "v=spf1 +all")
    found = await results(dns, MAIL, mail_from="x@evil.example")
    assert found == [("spf", "pass", "evil.example"), ("dmarc", "fail", "example.com")]
    assert ("spf", "none", "mail.example.com") in await results(dns, MAIL, mail_from="")


async def test_a_signature_survives_forwarding_and_no_change(dns, clock):
    good = signature(MAIL, clock)
    assert ("dkim", "pass", "example.com") in await results(dns, good)
    assert ("dmarc", "pass", "example.com") in await results(dns, good)
    changed = good.replace(b"Hello", b"Hallo")
    assert ("dkim", "fail", "example.com") in await results(dns, changed)
    second = b"From: Eve <eve@evil.example>\r\n" + good
    assert ("dmarc", "permerror", "") in await results(dns, second)
    shortened = good.replace(b"v=1;", b"v=1; l=2;")
    assert ("dkim", "policy", "example.com") in await results(dns, shortened)
    unknown = good.replace(b"s=one", b"s=two")
    assert [one for one in await results(dns, unknown) if one[0] == "dkim"] != [
        ("dkim", "pass", "example.com")
    ]


async def test_a_silent_dns_and_a_key_that_is_none_are_results_and_no_errors_of_ours(
    dns, clock, monkeypatch, caplog
):
    monkeypatch.setattr(network_dns, "LOOKUP_S", 0.2)
    dns.silent = {"one._domainkey.example.com"}
    good = signature(MAIL, clock)
    assert ("dkim", "temperror", "example.com") in await results(dns, good)
    dns.publish("bad._domainkey.example.com", "TXT", "v=DKIM1; k=rsa; p=AAAA")
    wrong = await results(dns, good.replace(b"s=one", b"s=bad"))
    assert [one[0] for one in wrong if one[1] == "pass"] == []
    assert caplog.records == []


async def test_a_silent_dns_and_hostile_mails_cost_a_limited_time(dns, clock, monkeypatch):
    monkeypatch.setattr(network_dns, "LOOKUP_S", 0.2)
    dns.silent = {"example.com", "one._domainkey.example.com", "_dmarc.example.com"}
    hostile = [
        signature(MAIL, clock),
        signature(MAIL, clock)[:-7] + b" " * 2_000_000 + b"x\r\n",
        b"DKIM-Signature: v=1; d=example.com\r\n" * 5000 + MAIL,
        b"From: " + b"(" * 100_000 + b"\r\n\r\n",
        b"",
        b"\xff\x00" * 1000,
    ]
    began = time.monotonic()
    for raw in hostile:
        assert not [one for one in await results(dns, raw) if one[1] == "pass"]
    assert time.monotonic() - began < 20


async def test_a_mail_that_is_slow_to_check_is_given_up_and_slows_nobody_else_down(dns, clock, monkeypatch):
    monkeypatch.setattr(verification, "CHECK_S", 0.3)
    slow = signature(MAIL + (b" " * 990 + b"x") * 5000 + b"\r\n", clock)
    checking, longest = asyncio.ensure_future(results(dns, slow)), 0.0
    while not checking.done():
        began = time.process_time()
        await asyncio.sleep(0.005)
        longest = max(longest, time.process_time() - began)
    assert [one[:2] for one in await checking if one[0] != "spf"] == [
        ("dkim", "temperror"), ("dmarc", "temperror"),
    ]  # fmt: skip
    assert longest < 0.5  # of the processor's time, so that other programs don't count
    assert ("dkim", "pass", "example.com") in await results(dns, signature(MAIL, clock))


@pytest.mark.parametrize("line_break", [b"\r", b"\n", b"\r\r\n"])
async def test_one_reader_never_sees_a_signature_that_another_one_does_not(dns, clock, line_break):
    dns.publish("one._domainkey.evil.example", "TXT", f"v=DKIM1; k=rsa; p={one_key().public_key}")
    hidden = b"X-Any: thing" + line_break + b"DKIM-Signature: v=1; d=example.com; s=one\r\n"
    forged = hidden + signature(MAIL, clock, "evil.example")
    assert [one for one in await results(dns, forged) if one[1] == "pass"] == []


async def test_who_rents_a_name_beside_another_one_does_not_speak_for_it(dns):
    dns.publish("_dmarc.github.io", "TXT", "v=DMARC1; p=none")
    dns.publish("evil.github.io", "TXT", "v=spf1 +all")
    for domain in ("victim.github.io", "github.io"):
        found = await results(
            dns, MAIL.replace(b"example.com", domain.encode()), mail_from="x@evil.github.io"
        )
        assert found == [("spf", "pass", "evil.github.io"), ("dmarc", "fail", domain)]


@pytest.mark.parametrize(
    ("domain", "record", "one", "is_good"),
    [
        ("a.example.com", "v=DMARC1;p=none", ("dkim", "b.example.com"), True),
        ("a.example.com", "v=DMARC1;p=none; adkim = s", ("dkim", "b.example.com"), False),
        ("a.example.com", "v=DMARC1;p=none;aspf=s", ("spf", "a.example.com"), True),
        ("example.com", "v=DMARC1;p=none", ("spf", "evilexample.com"), False),
        ("shop.co.uk", "v=DMARC1;p=none", ("dkim", "other.co.uk"), False),
        ("example.com", "v=DMARC1;p=none", ("dkim", "other.com"), False),
        ("example.com", "v=DMARC1;p=none", ("spf", ""), False),
    ],
)
def test_identifiers_agree_within_what_one_owner_has_registered(domain, record, one, is_good):
    passed = AuthenticationResult("door", one[0], "pass", one[1])
    failed = AuthenticationResult("door", one[0], "fail", domain)
    assert is_aligned(domain, record, [failed, passed]) is is_good
    assert not is_aligned(domain, record, [failed])
