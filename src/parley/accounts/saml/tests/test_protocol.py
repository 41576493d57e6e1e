"""Reading responses: what a good one says, and every attack of the table."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from parley.accounts.saml.errors import SamlInvalid
from parley.accounts.saml.rules.assertions import Expected
from parley.accounts.saml.rules.certificates import certificates_of
from parley.accounts.saml.rules.people import person_of
from parley.accounts.saml.rules.responses import read_response
from parley.accounts.saml.tests.attacks import ATTACKS
from parley.accounts.saml.tests.identity_provider import (
    ACS,
    ECDSA_SHA256,
    ISSUER,
    SITE,
    Said,
    key,
    posted,
    sign,
    signed,
    xml_of,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
GOOD = Said(now=NOW)


def read(text, *, now=NOW, certificates=None):
    found = certificates_of(certificates or key().certificate)
    expected = Expected(issuer=ISSUER, audience=SITE, recipient=ACS, now=now)
    answer = read_response(text, found, expected)
    return answer, person_of(answer.assertion, "example.com")


def test_a_signed_response_says_who_it_is_and_what_it_answers():
    answer, person = read(posted(signed(GOOD)))
    assert (person.user_id, person.email, person.first_name, person.last_name) == (
        "ada-7", "ada@example.com", "Ada", "Lovelace",
    )  # fmt: skip
    assert answer.assertion.in_response_to == "_request"
    assert answer.assertion.expires_at == NOW + timedelta(minutes=6)
    assert answer.signer.subject == "CN=idp"


def test_a_response_may_be_signed_as_a_whole_too():
    assert read(posted(sign(signed(GOOD), ".")))[1].email == "ada@example.com"


def test_an_elliptic_key_signs_as_well():
    text = posted(signed(GOOD, with_key=key("curve", "ec"), method=ECDSA_SHA256))
    assert read(text, certificates=key("curve", "ec").certificate)[1].email == "ada@example.com"


def test_each_of_several_certificates_is_believed():
    both = key("next").certificate + "\n" + key().certificate
    for name in ("idp", "next"):
        answer, _ = read(posted(signed(GOOD, with_key=key(name))), certificates=both)
        assert answer.signer.subject == f"CN={name}"


def test_clocks_may_differ_by_a_minute():
    late, early = GOOD.but(ends=timedelta(seconds=-59)), GOOD.but(begins=timedelta(seconds=59))
    assert read(posted(signed(late)))[1].email == read(posted(signed(early)))[1].email


def test_an_address_in_another_spelling_of_the_domain_is_in_it():
    assert read(posted(signed(GOOD.but(email="Ada@EXAMPLE.com"))))[1].email == "ada@example.com"


@pytest.fixture(scope="module", autouse=True)
def warm():
    read(posted(signed(GOOD)))  # the schema is read once


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_with_a_sentence_within_a_tenth_of_a_second(name):
    text = ATTACKS[name](GOOD)
    begun = time.thread_time()
    with pytest.raises(SamlInvalid) as refused:
        read(text)
    assert time.thread_time() - begun < 0.1
    assert len(refused.value.detail) < 400 and " " in refused.value.detail, refused.value.detail


def test_what_a_stranger_changes_in_a_signed_assertion_is_noticed_wherever_it_is():
    raw = etree.tostring(signed(GOOD))
    start = raw.index(b"<saml:Assertion")
    accepted = 0
    for at in range(start, len(raw), 41):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        try:
            answer, person = read(posted(changed))
        except SamlInvalid:
            continue
        # Outside of the assertion, and in the certificate that comes along, nothing counts.
        accepted += 1
        assert (person.email, answer.assertion.id) == ("ada@example.com", "_assertion")
    assert accepted < 60


def test_the_unsigned_response_is_the_only_difference():
    with pytest.raises(SamlInvalid, match="not signed"):
        read(posted(xml_of(GOOD).encode()))
