"""The settings of a project."""

import pytest

from parley.accounts.projects.rules import CHECKS, merged_settings
from parley.kernel.errors import Invalid

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
        ("storage_quota_mb", 0), ("storage_quota_mb", "5"), ("storage_quota_mb", True),
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
        ("pending_after_reply", False),
    ],
)  # fmt: skip
def test_a_good_setting_is_kept_as_it_came(key, value):
    assert merged_settings({}, {key: value}, NOBODY) == {key: value}


def test_every_documented_key_is_checked():
    assert {
        "inbound_mail_kept_days", "first_steps_dismissed",
        "widget_enabled", "widget_greeting_text", "widget_color", "widget_position", "widget_placeholder_text",
        "widget_require_email", "widget_collect_name", "widget_identification_form_title",
        "widget_identification_form_description", "widget_domains", "widget_restore_enabled",
        "notification_recipients", "email_enabled", "slack_enabled", "slack_channel_id", "slack_channel_name",
        "slack_ticket_emoji", "reopen_on_reply", "pending_after_reply", "ai_assistant_name", "storage_quota_mb",
        "email_replies_to_widget", "email_limit_per_recipient", "email_limit_per_ticket", "email_limit_per_project",
        "slack_notification_channel_id", "slack_notification_channel_name", "sms_limit_per_number",
        "sms_limit_per_project",
    } == set(CHECKS)  # fmt: skip


def test_settings_have_a_largest_size_and_number():
    for changes in ({"theirs": "x" * 70_000}, {f"key_{n}": n for n in range(101)}):
        with pytest.raises(Invalid):
            merged_settings({}, changes, NOBODY)


def test_merging_leaves_the_stored_settings_alone():
    stored = {"widget_color": "#fff"}
    assert merged_settings(stored, {"widget_color": None, "a": 1}, NOBODY) == {"a": 1}
    assert stored == {"widget_color": "#fff"}
