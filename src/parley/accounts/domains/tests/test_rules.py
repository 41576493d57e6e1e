"""Rules of domains, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.accounts.domains.rules import (
    Finding,
    Verification,
    check_domain_name,
    finding_of,
    new_challenge,
    verification_after,
)
from parley.kernel.errors import Invalid
from parley.kernel.network.dns import DnsAnswer

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
NAME = "_posthog-challenge.example.com"


def days(n):
    return timedelta(days=n)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("posthog.com", "posthog.com"),
        (" eu.PostHog.com\n", "eu.posthog.com"),
        ("a-b.c-d.example", "a-b.c-d.example"),
        ("Bücher.de", "xn--bcher-kva.de"),
        ("XN--BCHER-KVA.de", "xn--bcher-kva.de"),
        ("почта.рф", "xn--80a1acny.xn--p1ai"),
        ("ｅｘａｍｐｌｅ.com", "example.com"),
    ],
)
def test_a_name_is_kept_as_the_dns_knows_it(given, expected):
    assert check_domain_name(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "x", "one.two.c", "--alpha.com", "javascript: alert(1)", "a@b.com", "\N{HEDGEHOG}.com", "example.com.", ".com",
        "a..com", "-a.com", "a-.com", "a--b.com", "1.2.3.4", "xn--a.com", "xn--\N{HEDGEHOG}.com", "ex ample.com",
        "_x.example.com", "a" * 64 + ".com", "http://example.com", "example.com/", "*.example.com", "é" * 64 + ".com",
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused(given):
    with pytest.raises(Invalid) as caught:
        check_domain_name(given)
    assert (caught.value.code, caught.value.attr) == ("invalid_input", "domain")
    assert caught.value.detail == "Please enter a valid domain or subdomain name."


@pytest.mark.parametrize(
    ("given", "code"),
    [("", "blank"), (" ", "blank"), ("a." * 64 + "com", "max_length"), ("x" * 10**6, "max_length")],
)
def test_an_empty_or_long_name_is_refused(given, code):
    with pytest.raises(Invalid) as caught:
        check_domain_name(given)
    assert caught.value.code == code


def test_a_challenge_is_43_characters_that_urls_may_hold():
    assert len({new_challenge() for _ in range(5)}) == 5
    assert len(new_challenge()) == 43 and new_challenge().replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("found", "is_proven", "part"),
    [
        (["secret"], True, None),
        (["v=spf1 -all", "secret"], True, None),
        ([], False, f"There is no TXT record at {NAME}."),
        (["Secret"], False, "isn't the one that was asked for. It says: Secret"),
        (["secret "], False, "It says: secret"),
        ([""], False, "It says: "),
        (["x\x00\r\ny" + "z" * 500], False, "z\N{HORIZONTAL ELLIPSIS}"),
        (["a", "b", "c"], False, "None of the 3 TXT records"),
        (["a"] * 50, False, "more TXT records than Parley reads (50)"),
    ],
)
def test_only_the_very_challenge_proves_a_domain(found, is_proven, part):
    finding = finding_of(DnsAnswer(found), NAME, "secret")
    assert (finding.is_proven, finding.is_known) == (is_proven, True)
    assert part in finding.error if part and finding.error else finding.error is part
    assert "\x00" not in (finding.error or "")


def test_a_dns_that_gives_no_answer_says_nothing_about_the_record():
    finding = finding_of(DnsAnswer(problem="It is silent."), NAME, "secret")
    assert finding == Finding(False, "It is silent.", is_known=False)


FOUND, GONE, SILENT = Finding(True), Finding(False, "x"), Finding(False, "x", is_known=False)
SINCE = NOW - days(3)


@pytest.mark.parametrize(
    ("before", "finding", "checked_at", "after"),
    [
        (Verification(None, None), FOUND, None, Verification(NOW, None)),
        (Verification(None, None), GONE, None, Verification(None, None)),
        (Verification(None, None), SILENT, None, Verification(None, None)),
        (Verification(SINCE, None), FOUND, SINCE, Verification(SINCE, None)),
        (Verification(SINCE, None), SILENT, SINCE, Verification(SINCE, None)),
        (Verification(SINCE, None), GONE, SINCE, Verification(SINCE, NOW, "missing")),
        (Verification(SINCE, NOW - days(1)), GONE, NOW - days(1), Verification(SINCE, NOW - days(1))),
        (Verification(SINCE, NOW - days(7)), GONE, NOW - days(1), Verification(SINCE, NOW - days(7), "missing")),
        (Verification(SINCE, NOW - days(8)), GONE, NOW - days(1), Verification(SINCE, NOW - days(8))),
        (Verification(SINCE, NOW - days(12.5)), GONE, NOW - days(1), Verification(SINCE, NOW - days(12.5), "missing")),
        (Verification(SINCE, NOW - days(13.9)), GONE, NOW - days(1), Verification(SINCE, NOW - days(13.9))),
        (Verification(SINCE, NOW - days(14)), GONE, NOW - days(1), Verification(None, None, "withdrawn")),
        (Verification(SINCE, NOW - days(90)), SILENT, NOW - days(1), Verification(SINCE, NOW - days(90))),
        (Verification(SINCE, NOW - days(13)), FOUND, NOW - days(1), Verification(SINCE, None)),
        # Nobody has looked for long, so nobody was warned: the server was off, or its clock has jumped.
        (Verification(SINCE, NOW - days(30)), GONE, NOW - days(29), Verification(SINCE, NOW - days(2), "missing")),
        (Verification(SINCE, NOW - days(17)), GONE, NOW - days(3), Verification(None, None, "withdrawn")),
        # The clock was set back since.
        (Verification(SINCE, NOW + days(30)), GONE, NOW + days(31), Verification(SINCE, NOW, "missing")),
        (Verification(SINCE, NOW - days(3)), GONE, NOW + days(31), Verification(SINCE, NOW - days(3), "missing")),
    ],
)  # fmt: skip
def test_a_proof_that_is_gone_is_withdrawn_after_two_weeks_with_three_warnings(
    before, finding, checked_at, after
):
    assert verification_after(before, finding, NOW, checked_at=checked_at) == after
