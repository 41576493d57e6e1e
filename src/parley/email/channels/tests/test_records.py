"""What must be published, and what counts as published."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from parley.email.channels.records import (
    dkim_record,
    dmarc_of,
    first_dmarc,
    mx_record,
    names_of_dmarc,
    spf_mechanism,
    spf_record,
)
from parley.email.channels.rules import Proof, connection_status, proof_after
from parley.kernel.network.dns import DnsAnswer
from parley.kernel.network.mailbox_providers import hint_about, provider_of

NOW = datetime(2026, 11, 28, tzinfo=UTC)
A = "a:mail.example.net"


@pytest.mark.parametrize(
    ("changes", "mechanism"),
    [
        ({}, "a:parley.test"),
        ({"smtp_url": "smtp://127.0.0.1:25"}, "a:parley.test"),
        ({"smtp_url": "smtp://localhost"}, "a:parley.test"),
        ({"smtp_url": "smtps://user:p@mail.example.net:465"}, A),
        ({"smtp_url": "smtp://192.0.2.1"}, "ip4:192.0.2.1"),
        ({"smtp_url": "smtp://[2001:db8::1]"}, "ip6:2001:db8::1"),
        ({"site_url": "http://127.0.0.1:8000"}, "ip4:127.0.0.1"),
        (
            {"spf_mechanism": "include:spf.example.net", "smtp_url": "smtp://192.0.2.1"},
            "include:spf.example.net",
        ),
    ],
)
def test_spf_names_where_mail_leaves(settings, changes, mechanism):
    assert spf_mechanism(msgspec.structs.replace(settings, **changes)) == mechanism


@pytest.mark.parametrize(
    ("published", "mechanism", "valid", "value"),
    [
        ([], A, False, f"v=spf1 {A} ~all"),
        (["something else", "v=spf10 a"], A, False, f"v=spf1 {A} ~all"),
        ([f"v=spf1 {A} ~all"], A, True, f"v=spf1 {A} ~all"),
        ([f"V=SPF1 include:other.example +{A.upper()} -all"], A, True, None),
        (["v=spf1 include:other.example -all"], A, False, f"v=spf1 include:other.example {A} -all"),
        (["v=spf1 redirect=other.example"], A, False, f"v=spf1 {A} redirect=other.example"),
        (["v=spf1"], A, False, f"v=spf1 {A}"),
        ([f"v=spf1 -{A} ~all"], A, False, None),
        (["v=spf1 +all"], A, False, f"v=spf1 {A} +all"),
        ([f"v=spf1 {A} ~all", "v=spf1 -all"], A, False, None),
        (["v=spf1 ip4:192.0.2.0/24 -all"], "ip4:192.0.2.7", True, None),
        (["v=spf1 ip4:192.0.2.0/30 -all"], "ip4:192.0.2.7", False, None),
        (["v=spf1 ip4:nonsense ip6:2001:db8::/32"], "ip6:2001:db8::5", True, None),
    ],
)
def test_spf_is_valid_where_one_record_names_the_server(published, mechanism, valid, value):
    record = spf_record("example.com", mechanism, DnsAnswer(published))
    assert (record.record_type, record.name, record.valid) == ("TXT", "example.com", valid)
    assert record.value == (value or record.value)
    assert bool(record.detail) is not valid
    again = spf_record("example.com", mechanism, DnsAnswer([record.value]))
    assert again.valid or f"-{A}" in record.value  # whoever publishes what is shown is done


@pytest.mark.parametrize(
    ("published", "valid"),
    [
        ([], False),
        (["v=DKIM1; k=rsa; p=QUJD"], True),
        (["k=rsa;p=QU JD; t=s"], True),
        (["v=DKIM1; h=sha256:sha1; s=email; p=QUJD"], True),
        (["v=DKIM1; h=sha1; p=QUJD"], False),
        (["v=DKIM1; s=tlsrpt; p=QUJD"], False),
        (["v=DKIM1; k=ed25519; p=QUJD"], False),
        (["v=DKIM1; p="], False),
        (["v=DKIM1; p=OTHER"], False),
        (["nonsense"], False),
        (["v=DKIM1; p=QUJD", "v=DKIM1; p=QUJD"], False),
    ],
)
def test_dkim_is_valid_where_the_one_record_has_our_key(published, valid):
    record = dkim_record("example.com", "one", "QUJD", DnsAnswer(published))
    assert (record.name, record.valid) == ("one._domainkey.example.com", valid)
    assert dkim_record("example.com", "one", "QUJD", DnsAnswer([record.value])).valid


@pytest.mark.parametrize("answer", [None, DnsAnswer(problem="Silence.")])
def test_what_was_not_looked_up_is_not_valid(answer):
    shown = (spf_record("e.example", A, answer), dkim_record("e.example", "s", "k", answer))
    assert not any(one.valid for one in shown) and all(one.detail for one in shown)
    assert dmarc_of(answer).record is None


def test_dmarc_is_found_under_the_nearest_domain_above():
    assert names_of_dmarc("a.b.example.com") == [
        "_dmarc.a.b.example.com",
        "_dmarc.b.example.com",
        "_dmarc.example.com",
    ]
    assert names_of_dmarc("localhost") == ["_dmarc.localhost"]
    record = "v=DMARC1; p=Reject; rua=mailto:a@example.com"
    found = first_dmarc([DnsAnswer(["spam"]), DnsAnswer(["x", record])])
    assert (dmarc_of(found).record, dmarc_of(found).policy) == (record, "reject")
    assert dmarc_of(first_dmarc([DnsAnswer(), DnsAnswer()])).record is None


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("before", "is_valid", "is_known", "after"),
    [
        (Proof(None, None), True, True, Proof(NOW, None)),
        (Proof(None, None), False, True, Proof(None, None)),
        (Proof(NOW - DAY, None), True, True, Proof(NOW - DAY, None)),
        (Proof(NOW - DAY, None), False, True, Proof(NOW - DAY, NOW, "failing")),
        (Proof(NOW - DAY, None), False, False, Proof(NOW - DAY, None)),
        (Proof(NOW - 9 * DAY, NOW - DAY), False, True, Proof(NOW - 9 * DAY, NOW - DAY)),
        (Proof(NOW - 9 * DAY, NOW - DAY), True, True, Proof(NOW - 9 * DAY, None)),
        (Proof(NOW - 9 * DAY, NOW - 3 * DAY), False, True, Proof(None, None, "withdrawn")),
        (Proof(NOW - 9 * DAY, NOW - 3 * DAY), False, False, Proof(NOW - 9 * DAY, NOW - 3 * DAY)),
    ],
)
def test_a_proof_is_withdrawn_only_after_a_warning_and_never_because_the_dns_is_silent(
    before, is_valid, is_known, after
):
    found = proof_after(before, NOW, is_valid=is_valid, is_known=is_known, checked_at=NOW - DAY)
    assert found == after


@pytest.mark.parametrize(
    ("failing_since", "checked_at", "after"),
    [
        # Nobody has looked for long, so nobody had the days in which the records could be put back.
        (NOW - 30 * DAY, NOW - 30 * DAY, Proof(NOW - 90 * DAY, NOW - DAY)),
        (NOW - 31 * DAY, NOW - 30 * DAY, Proof(NOW - 90 * DAY, NOW - 2 * DAY)),
        (NOW - 33 * DAY, NOW - 30 * DAY, Proof(None, None, "withdrawn")),
        (NOW - 3 * DAY, None, Proof(None, None, "withdrawn")),
        # The clock was set back since.
        (NOW + 30 * DAY, NOW + 31 * DAY, Proof(NOW - 90 * DAY, NOW)),
        (NOW - 2 * DAY, NOW + 31 * DAY, Proof(NOW - 90 * DAY, NOW - 2 * DAY)),
        (NOW - 3 * DAY, NOW + 31 * DAY, Proof(None, None, "withdrawn")),
    ],
)
def test_days_on_which_nobody_has_looked_and_days_to_come_do_not_count(failing_since, checked_at, after):
    before = Proof(NOW - 90 * DAY, failing_since)
    assert proof_after(before, NOW, is_valid=False, is_known=True, checked_at=checked_at) == after


def test_the_status_says_whether_mail_goes_out():
    assert connection_status(None, None) == "pending"
    assert connection_status(NOW, None) == "connected"
    assert connection_status(NOW, NOW) == "failing"


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (None, "Not looked up yet."),
        (DnsAnswer(), "There is no MX record"),
        (DnsAnswer(["other.example"]), "The mail goes to other.example, and not to parley.test."),
        (DnsAnswer(["192.0.2.1"]), "The MX record names the address 192.0.2.1. It must name a host"),
        (DnsAnswer(["."]), "The domain says that it takes no mail"),
        (DnsAnswer(problem="Silence."), "Silence."),
        (DnsAnswer(["other.example", "parley.test"]), ""),
    ],
)
def test_the_domain_of_forwarding_addresses_points_to_a_server_that_takes_mail(settings, answer, detail):
    assert mx_record(settings, answer) is None
    taking = msgspec.structs.replace(settings, inbound_smtp=("0.0.0.0", 25))
    record = mx_record(taking, answer)
    assert record is not None and record.valid is (detail == "") and record.detail.startswith(detail)
    assert (record.record_type, record.name, record.value) == ("MX", "inbound.localhost", "10 parley.test")
    bare = msgspec.structs.replace(taking, site_url="http://192.0.2.1:8000")
    wrong = mx_record(bare, DnsAnswer(["192.0.2.1"]))
    assert wrong is not None and not wrong.valid and "give it one in PARLEY_SITE_URL" in wrong.detail
    assert wrong.value == ""


@pytest.mark.parametrize(
    ("domain", "way"),
    [
        ("gmail.com", "imap.gmail.com"),
        ("GoogleMail.com", "imap.gmail.com"),
        ("outlook.com", "can't be fetched"),
        ("hotmail.co.uk", "can't be fetched"),
        ("yahoo.co.jp", "imap.mail.yahoo.com"),
        ("icloud.com", "imap.mail.me.com"),
        ("gmx.de", "imap.gmx.net"),
        ("qq.com", "whichever the provider allows"),
        ("live.de", "can't be fetched"),
        ("live.fm", None),
        ("gmail.example", None),
        ("mygmail.com", None),
        ("mail.gmail.com.example.org", None),
        ("outlook.community", None),
        ("example.com", None),
    ],
)
def test_whoever_has_an_address_at_a_public_provider_learns_what_works(domain, way):
    hint = hint_about(domain)
    assert (hint is None) is (way is None)
    host = getattr(provider_of(domain), "imap_host", None)
    assert host is None or host in (hint or "")
    assert hint is None or (way in hint and "address of your own domain" in hint and "{" not in hint)
