"""The rules of shares, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.analytics.sharing.rules.accesses import hour_of
from parley.analytics.sharing.rules.configurations import (
    check_link_end,
    checked_settings,
    is_over,
    logged_id,
    new_access_token,
    suffix_of,
)
from parley.analytics.sharing.rules.page_data import page_headers, page_type_of, split_extension, unlock_data
from parley.analytics.sharing.rules.passwords import checked_password, compared_form, new_password_id
from parley.kernel.errors import Invalid

NOW = datetime(2026, 11, 29, 12, 34, 56, tzinfo=UTC)


def test_a_token_has_176_bits_in_30_characters():
    tokens = {new_access_token() for _ in range(100)}
    assert len(tokens) == 100 and {len(token) for token in tokens} == {30}
    assert suffix_of("abcdefghij") == "efghij"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (None, None),
        ({}, {}),
        ({"unknown": 1}, {}),
        ({"legend": None, "theme": None}, {}),
        ({"legend": False, "noHeader": True}, {"noHeader": True, "legend": False}),
        ({"theme": "system", "x": "</script>"}, {"theme": "system"}),
    ],
)
def test_settings_that_are_known(given, stored):
    assert checked_settings(given) == stored


@pytest.mark.parametrize(
    "given",
    [
        "{}",
        1,
        True,
        [],
        {"legend": 1},
        {"legend": "true"},
        {"theme": True},
        {"theme": ["dark"]},
        {"detailed": {}},
    ],
)
def test_settings_that_are_none(given):
    with pytest.raises(Invalid) as caught:
        checked_settings(given)
    assert (caught.value.attr, caught.value.detail) == ("settings", "Invalid settings format")


def test_a_link_is_over_at_the_first_of_its_ends():
    later, before = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
    assert [is_over(NOW, *ends) for ends in ((None, None), (later, None), (NOW, later), (None, before))] == [
        False,
        False,
        True,
        True,
    ]
    check_link_end(None, NOW)
    check_link_end(later, NOW)
    with pytest.raises(Invalid):
        check_link_end(NOW, NOW)


def test_the_log_keeps_ids_whole_or_as_a_digest():
    assert logged_id("x" * 72) == "x" * 72
    assert len(logged_id("x" * 73)) <= 72 and logged_id("x" * 73) != logged_id("x" * 74)


@pytest.mark.parametrize("given", [None, "", " ", "\t\n"])
def test_a_blank_password_is_made_up(given):
    assert len(checked_password(given)) == 22


@pytest.mark.parametrize("given", ["1234567", " 1234567 ", "\u200b1234567 "[1:], "x" * 4097, "\ufb03" * 4000])
def test_passwords_that_are_too_short_or_too_long(given):
    with pytest.raises(Invalid):
        checked_password(given)


@pytest.mark.parametrize(
    ("one", "other"),
    [(" a ", "a"), ("\u00e4", "a\u0308"), ("\uff21", "A"), ("a\u3000b", "a b"), ("\ufb01", "fi")],
)
def test_passwords_are_compared_in_one_form(one, other):
    assert compared_form(one) == compared_form(other)


@pytest.mark.parametrize(("one", "other"), [("a", "A"), ("a b", "ab"), ("a  b", "a b"), ("\u00df", "ss")])
def test_passwords_that_differ(one, other):
    assert compared_form(one) != compared_form(other)


def test_ids_of_passwords_fit_the_column():
    assert all(0 < new_password_id() < 2**31 for _ in range(100))


@pytest.mark.parametrize(
    ("path", "wants", "kind"),
    [
        ("/shared/x", False, "scene"),
        ("/shared/x", True, "embed"),
        ("/embedded/x", False, "embed"),
        ("/shared_dashboard/embedded", False, "scene"),
    ],
)
def test_the_look_of_a_page(path, wants, kind):
    assert page_type_of(path, wants) == kind


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("abc", ("abc", "")),
        ("abc.json", ("abc", "json")),
        ("a.b.json", ("a", "b.json")),
        (".json", ("", "json")),
    ],
)
def test_the_extension_behind_a_token(text, parts):
    assert split_extension(text) == parts


def test_a_locked_page_is_told_only_its_look():
    assert unlock_data(None) == {"type": "unlock"}
    assert unlock_data({"whitelabel": False, "theme": "dark", "legend": True}) == {
        "type": "unlock",
        "theme": "dark",
    }


def test_no_page_runs_scripts_of_others():
    for kind in ("scene", "embed"):
        policy = page_headers(kind, "n0nce")["Content-Security-Policy"]
        assert (
            "default-src 'none'" in policy and "script-src 'nonce-n0nce'" in policy and "unsafe" not in policy
        )


def test_an_hour_begins_where_it_should():
    assert hour_of(NOW) == datetime(2026, 11, 29, 12, tzinfo=UTC)
