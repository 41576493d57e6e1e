"""Which values are kept and which pages may write."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.widget.rules.field_reader import kept_session_context, kept_traits
from parley.conversations.widget.rules.identity import (
    Identity,
    SignedEmail,
    is_signed,
    session_of,
    signature,
    verified_email,
)
from parley.conversations.widget.rules.origins import host_of, is_allowed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(st.text(max_size=250), JSON, max_size=70)
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
SECRET = "phs_secret"


@given(OBJECTS)
def test_traits_always_fit(given_traits):
    kept = kept_traits(given_traits)
    assert len(kept) <= 50
    assert all(len(key) <= 200 and "\x00" not in key for key in kept)
    assert all(
        value is None or (len(value) <= 500 and "\x00" not in value)
        for value in kept.values()
    )  # fmt: skip


@given(OBJECTS)
def test_a_session_context_always_fits(context):
    kept = kept_session_context(context)
    assert len(kept) <= 40
    assert not any(isinstance(value, (dict, list)) for value in kept.values())
    assert all(len(value) <= 2000 for value in kept.values() if isinstance(value, str))


def test_traits_become_text_and_null_stays_null():
    given_traits = {
        "age": 5,
        "paid": True,
        "rate": 1.5,
        "name": "Ada",
        "email": None,
        "nested": {"a": 1},
        "list": [],
    }
    assert kept_traits(given_traits) == {
        "age": "5",
        "paid": "True",
        "rate": "1.5",
        "name": "Ada",
        "email": None,
    }


def test_too_many_or_too_long_traits_are_trimmed():
    assert list(kept_traits({f"k{n}": n for n in range(60)})) == [f"k{n}" for n in range(50)]
    assert kept_traits({"k" * 201: "x", "k": "v" * 501}) == {"k": "v" * 500}


def test_a_session_context_keeps_the_types_of_its_scalars():
    context = {"flag": True, "count": 3, "rate": 0.5, "nothing": None, "text": "x", "nested": [1]}
    assert kept_session_context(context) == {key: context[key] for key in context if key != "nested"}


def test_a_long_address_loses_its_fragment_before_it_is_cut():
    short = "https://example.com/?q=1"
    assert kept_session_context({"url": short + "#" + "f" * 3000}) == {"url": short}
    assert kept_session_context({"url": short + "#part"}) == {"url": short + "#part"}
    long = "https://example.com/" + "p" * 3000
    assert kept_session_context({"url": long + "#f"}) == {"url": long[:2000], "url_truncated": True}
    assert kept_session_context({"text": "#" + "x" * 3000}) == {
        "text": "#" + "x" * 1999,
        "text_truncated": True,
    }


@pytest.mark.parametrize(
    ("page", "domains", "allowed"),
    [
        (None, [], True),
        ("https://anything.test", [None, "", "  "], True),
        ("https://example.com", ["example.com"], True),
        ("https://EXAMPLE.com:8443", ["https://Example.COM/path"], True),
        ("https://user@example.com", ["example.com:3000"], True),
        ("https://www.example.com", ["example.com"], False),
        ("https://www.example.com", ["*.example.com"], True),
        ("https://a.b.example.com", ["https://*.example.com:443"], True),
        ("https://example.com", ["*.example.com"], True),
        ("https://notexample.com", ["*.example.com"], False),
        ("https://example.com.evil.test", ["example.com", "*.example.com"], False),
        ("https://evil.test\\@example.com", ["example.com"], False),
        ("https://example.com.", ["example.com"], True),
        ("http://localhost:3000", ["localhost"], True),
        ("http://[::1]:3000", ["http://[::1]"], True),
        ("https://xn--bcher-kva.example", ["bücher.example"], True),
        ("null", ["null", "example.com"], False),
        (None, ["example.com"], False),
        ("", ["example.com"], False),
        ("https://example.com", [5, {"a": 1}, "example.com"], True),
        ("https://example.com", ["http://["], False),
    ],
)
def test_pages_of_the_listed_domains_may_write(page, domains, allowed):
    assert is_allowed(page, domains) is allowed


@given(st.text())
def test_any_text_has_a_host_or_none(text):
    host = host_of(text)
    assert host is None or host == host.lower()


def test_an_identity_is_signed_by_any_secret_of_the_project():
    identity = Identity("ada", signature(SECRET, "ada"))
    assert is_signed(identity, ["other", SECRET])
    assert is_signed(Identity("ada", identity.hash.upper()), [SECRET])
    assert not is_signed(identity, ["other"])
    assert not is_signed(Identity("bob", identity.hash), [SECRET])
    assert not is_signed(Identity("ada", signature("", "ada")), [""])
    assert not is_signed(identity, [])


def test_an_identity_has_the_session_of_its_hash():
    digest = signature(SECRET, "ada")
    assert session_of(Identity("ada", digest)) == UUID(digest[:32])


def claim(email: str = "ada@example.com", expires_at: int = SECONDS + 60, secret: str = SECRET) -> Identity:
    text = "\x00".join(("v1", "ada", "email", email.strip().lower(), str(expires_at)))
    return Identity("ada", signature(secret, "ada"), SignedEmail(email, signature(secret, text), expires_at))


def test_a_signed_address_is_claimed_in_lower_case():
    assert verified_email(claim(" Ada@Example.COM "), [SECRET], NOW) == "ada@example.com"
    assert verified_email(claim(expires_at=SECONDS + 24 * 3600 + 300), [SECRET], NOW) == "ada@example.com"


@pytest.mark.parametrize(
    "identity",
    [
        claim(expires_at=SECONDS),
        claim(expires_at=SECONDS - 1),
        claim(expires_at=SECONDS + 24 * 3600 + 301),
        claim(secret="another"),
        claim("ada\x00@example.com"),
        claim(""),
        Identity("ada", signature(SECRET, "ada")),
    ],
)
def test_a_claim_that_is_late_too_far_ahead_or_forged_claims_nothing(identity):
    assert verified_email(identity, [SECRET], NOW) is None


@pytest.mark.parametrize("letter", ["a", "ä", "a.", "ä.", "世"])
@pytest.mark.parametrize("length", [254, 20_000])
def test_a_host_name_has_a_length_that_names_may_have(letter, length, monkeypatch):
    monkeypatch.setattr("encodings.idna.ToASCII", None)  # whoever wrote it in ASCII would fail
    address = f"https://{(letter * length)[:length]}"
    assert host_of(address) is None
    assert not is_allowed(address, ["example.com"])
