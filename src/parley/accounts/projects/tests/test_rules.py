"""The rules of accounts, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from parley.accounts.api_keys.rules import check_scopes, covered_organizations
from parley.accounts.memberships.rules import check_may_change, check_may_grant
from parley.accounts.passwords.rules import check_password, is_common
from parley.accounts.projects.rules import CHECKS, merged_settings
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.authorization import Principal
from parley.kernel.network.emails import check_email
from parley.kernel.text.time_zones import check_time_zone

PLACE = uuid4()


def caller(level, scopes=None):
    """Somebody of this level; with scopes it is a key of theirs."""
    return Principal(
        user_id=1, user_uuid=uuid4(), email="a@example.com", name="A", levels={PLACE: level}, current_project_id=None,
        key_id=None if scopes is None else "key", scopes=None if scopes is None else frozenset(scopes),
    )  # fmt: skip


NOBODY: frozenset[int] = frozenset()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("widget_enabled", "true"), ("widget_enabled", 1), ("reopen_on_reply", "no"),
        ("widget_greeting_text", 5), ("widget_greeting_text", "x" * 1001), ("widget_color", "#12"),
        ("widget_color", "#fffff"), ("widget_color", "#fff;background:url(//x)"), ("widget_color", 1),
        ("widget_position", "middle"), ("widget_position", ["top_left"]), ("widget_domains", "a.example"),
        ("widget_domains", ["a b"]), ("widget_domains", [1]), ("widget_domains", ["https://a.example/path"]),
        ("widget_domains", ["javascript:alert(1)"]), ("widget_domains", ["a.*.example"]),
        ("widget_domains", ["x" * 254]), ("widget_domains", ["a.example"] * 201),
        ("notification_recipients", [True]), ("notification_recipients", ["1"]), ("notification_recipients", 1),
        ("slack_channel_id", {}), ("ai_assistant_name", " "), ("ai_assistant_name", "x" * 101),
    ],
)  # fmt: skip
def test_a_bad_setting_names_its_key(key, value):
    with pytest.raises(Invalid) as refused:
        merged_settings({}, {"theirs": 1, key: value}, frozenset({1}))
    assert str(refused.value.attr).startswith(f"conversations_settings__{key}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("widget_enabled", False), ("widget_greeting_text", ""), ("widget_color", "#1d4aFF"),
        ("widget_color", "#fff"), ("widget_color", "#12345678"), ("widget_position", "top_left"),
        ("widget_domains", []), ("widget_domains", ["localhost:3000", "https://*.a.example", "[::1]:80"]),
        ("slack_ticket_emoji", ":ticket:"), ("ai_assistant_name", "Robo"), ("reopen_on_reply", False),
    ],
)  # fmt: skip
def test_a_good_setting_is_kept_as_it_came(key, value):
    assert merged_settings({}, {key: value}, NOBODY) == {key: value}


def test_every_documented_key_is_checked():
    assert {
        "widget_enabled", "widget_greeting_text", "widget_color", "widget_position", "widget_placeholder_text",
        "widget_require_email", "widget_collect_name", "widget_identification_form_title",
        "widget_identification_form_description", "widget_domains", "widget_restore_enabled",
        "notification_recipients", "email_enabled", "slack_enabled", "slack_channel_id", "slack_channel_name",
        "slack_ticket_emoji", "reopen_on_reply", "ai_assistant_name",
    } == set(CHECKS)  # fmt: skip


def test_settings_have_a_largest_size_and_number():
    for changes in ({"theirs": "x" * 70_000}, {f"key_{n}": n for n in range(101)}):
        with pytest.raises(Invalid):
            merged_settings({}, changes, NOBODY)


def test_merging_leaves_the_stored_settings_alone():
    stored = {"widget_color": "#fff"}
    assert merged_settings(stored, {"widget_color": None, "a": 1}, NOBODY) == {"a": 1}
    assert stored == {"widget_color": "#fff"}


@pytest.mark.parametrize(
    "password",
    ["short", "1234567", "password", "Password1!", "12345678", "aaaaaaaa", "qwertyui", "iuytrewq", "parley2026",
     "passwordpassword", "x" * 129, "", "abababab", "ann@example.com", "changeme123"],
)  # fmt: skip
def test_a_weak_password_is_refused(password):
    with pytest.raises(Invalid):
        check_password(password, email="ann@example.com")


@pytest.mark.parametrize(
    "password", ["correct horse battery", "tr0ub4dor&3", "Zürich-Öl-89", "пароль-долгий", "        x y z"]
)
def test_an_uncommon_password_is_good(password):
    check_password(password, email="ann@example.com")
    assert not is_common(password)


@pytest.mark.parametrize(
    "text", ["a@b.de", "A.B+c@Example.COM", " x@localhost ", "ö@bücher.example", "o'hara@x.ie"]
)
def test_an_address_is_trimmed_and_lower_case(text):
    assert check_email(text) == text.strip().lower()


@pytest.mark.parametrize("text", ["", " ", "a", "a@", "@b.de", "a b@c.de", "a@b@c.de", "a@-b.de", "a@b..de", ".a@b.de",
    "a..b@c.de", "a@b.de\r\nTo: x", "<a@b.de>", "a@b.de,c@d.de", "a\0@b.de", "x" * 255 + "@b.de"])  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Invalid):
        check_email(text)


@pytest.mark.parametrize(("actor", "current", "wanted", "may"), [
    (15, 15, 1, True), (15, 1, 15, True), (8, 1, 8, True), (8, 8, 1, True), (8, 1, 15, False),
    (8, 15, 8, False), (1, 1, 1, False), (1, 1, 8, False),
])  # fmt: skip
def test_levels_are_given_up_to_ones_own(actor, current, wanted, may):
    if may:
        check_may_change(actor, current)
        check_may_grant(caller(actor), PLACE, wanted)
    else:
        with pytest.raises(PermissionDenied):
            check_may_change(actor, current)
            check_may_grant(caller(actor), PLACE, wanted)


@pytest.mark.parametrize("actor", [8, 15])
@pytest.mark.parametrize("scopes", [["organization_member:write"], ["organization:write", "user:write"], []])
def test_a_key_without_all_scopes_gives_the_lowest_level_only(actor, scopes):
    check_may_grant(caller(actor, scopes), PLACE, 1)
    check_may_grant(caller(actor, [*scopes, "*"]), PLACE, actor)
    for level in (8, 15):
        with pytest.raises(PermissionDenied):
            check_may_grant(caller(actor, scopes), PLACE, level)


def test_a_key_covers_what_is_stored_or_else_what_its_owner_had_joined_before():
    early, late, left = uuid4(), uuid4(), uuid4()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    joined = {early: now - timedelta(days=1), late: now + timedelta(seconds=1)}
    assert covered_organizations(None, now, joined) == {early}
    assert covered_organizations([], now, joined) == frozenset()
    assert covered_organizations([str(late), str(left)], now, joined) == {late}


def test_scopes_are_known_and_without_repeats():
    assert check_scopes(["ticket:read", "*", "ticket:read"]) == ["ticket:read", "*"]
    for bad in ([], ["ticket:*"], ["TICKET:read"], ["ticket:read "], ["nothing:read"], ["*"] * 201):
        with pytest.raises(Invalid):
            check_scopes(bad)


def test_time_zones_are_those_of_the_iana_database():
    assert [check_time_zone(name) for name in ("UTC", "Europe/Berlin")] == ["UTC", "Europe/Berlin"]
    for bad in ("", "utc ", "Europe", "+02:00", "Europe/berlin"):
        with pytest.raises(Invalid):
            check_time_zone(bad)
