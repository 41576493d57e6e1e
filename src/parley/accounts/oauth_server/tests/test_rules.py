"""Rules that hold for whatever strangers write."""

from urllib.parse import urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.accounts.oauth_server.rules.names import MAX_NAME, shown_name
from parley.accounts.oauth_server.rules.redirect_uris import (
    LOOPBACK,
    is_same_redirect,
    redirect_uri_problem,
    source_of,
)
from parley.accounts.oauth_server.rules.scopes import OFFERED, SENSITIVE, USUAL, asked_scopes
from tests.effort import examples

PIECES = st.sampled_from(
    ["https", "http", "javascript", "data", "cursor", "com.example.app", ":", "//", "/", "@", "#", "?", "[::1]",
     "127.0.0.1", "localhost", "a.example", "evil.example", ":80", "%0d%0a", "\t", " ", ";", "'", '"', "\\", "ä"]
)  # fmt: skip
ADDRESSES = st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=60)


@given(ADDRESSES)
@settings(max_examples=examples(300))
def test_an_address_that_is_taken_is_harmless_in_a_header_and_in_a_policy(uri):
    if redirect_uri_problem(uri) is not None:
        return
    parts = urlsplit(uri)
    assert uri.isascii() and not set(uri) & set(" \t\r\n;,'\"\\<>#{}|^`")
    assert parts.scheme in ("https", "http", "cursor") or "." in parts.scheme
    assert parts.scheme != "http" or (parts.hostname or "") in {one.strip("[]") for one in LOOPBACK}
    assert not set(source_of(uri)) & set(" ;,'*")


@given(ADDRESSES, ADDRESSES)
@settings(max_examples=examples(300))
def test_another_address_is_the_same_only_on_loopback(registered, given_one):
    if registered == given_one or not is_same_redirect(registered, given_one):
        return
    one, other = urlsplit(registered), urlsplit(given_one)
    assert one.scheme == other.scheme == "http"
    assert one.hostname == other.hostname and (one.path, one.query) == (other.path, other.query)


@given(st.text(max_size=300))
@settings(max_examples=examples(200))
def test_a_name_is_short_visible_and_stays_as_it_is(text):
    name = shown_name(text)
    assert 0 < len(name) <= MAX_NAME and name.isprintable() and shown_name(name) == name


@given(st.text(max_size=100) | st.lists(st.sampled_from([*OFFERED, "*", "nothing"])).map(" ".join))
@settings(max_examples=examples(100))
def test_nobody_asks_for_everything(text):
    assert set(asked_scopes(text)) <= set(OFFERED) and "*" not in OFFERED


def test_what_is_sensitive_is_not_asked_for_by_default():
    assert SENSITIVE and set(OFFERED) >= SENSITIVE and SENSITIVE.isdisjoint(USUAL)
