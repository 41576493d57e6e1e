"""`conversations_settings` of a project: which keys there are, what they may hold, how a PATCH merges them.

Keys that Parley doesn't know are kept as they came, since clients keep settings of their own there; their number and
size are limited.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from parley.kernel.errors import Invalid, blank, not_a_choice, too_long

Check = Callable[[str, Any], Any]

ATTR = "conversations_settings"
TOKEN_KEY = "widget_public_token"  # has a column and routes of its own; in a PATCH it is ignored
POSITIONS = ("bottom_right", "bottom_left", "top_right", "top_left")
COLOR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
HOST = re.compile(r"(?:https?://)?(?:\*\.)?(?:[\w-]+\.)*[\w-]+(?::\d{1,5})?/?", re.ASCII)
IPV6_HOST = re.compile(r"(?:https?://)?\[[0-9a-fA-F:.]+\](?::\d{1,5})?/?")
MAX_DOMAINS, MAX_RECIPIENTS, MAX_KEYS, MAX_BYTES = 200, 100, 100, 64 * 1024


def _problem(key: str, detail: str, code: str = "invalid_input") -> Invalid:
    return Invalid(detail, code=code, attr=_attr(key))


def _attr(key: str) -> str:
    return f"{ATTR}__{key[:100]}"


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _problem(key, "Must be a valid boolean.")
    return value


def _text(most: int, *, may_be_blank: bool = True) -> Check:
    def check(key: str, value: Any) -> str:
        if not isinstance(value, str):
            raise _problem(key, "Not a valid string.")
        if len(value) > most:
            raise too_long(most, _attr(key))
        if not may_be_blank and not value.strip():
            raise blank(_attr(key))
        return value

    return check


def _whole_number(least: int, most: int) -> Check:
    def check(key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _problem(key, "A valid integer is required.")
        if not least <= value <= most:
            raise _problem(key, f"Ensure this value is between {least} and {most}.")
        return value

    return check


def _color(key: str, value: Any) -> str:
    if not isinstance(value, str) or not COLOR.fullmatch(value):
        raise _problem(key, "Enter a color such as #1d4aff.")
    return value


def _position(key: str, value: Any) -> str:
    if value not in POSITIONS:
        raise not_a_choice(str(value)[:100], _attr(key))
    return str(value)


def _list(key: str, value: Any, most: int) -> list[Any]:
    """Return the list without its nulls."""
    if not isinstance(value, list):
        raise _problem(key, "Expected a list of items.")
    if len(value) > most:
        raise too_long(most, _attr(key), "elements")
    return [item for item in value if item is not None]


def _domains(key: str, value: Any) -> list[str]:
    found = _list(key, value, MAX_DOMAINS)
    for index, item in enumerate(found):
        if not isinstance(item, str):
            raise _problem(f"{key}__{index}", "Not a valid string.")
        found[index] = domain = item.strip()
        is_host = HOST.fullmatch(domain) or IPV6_HOST.fullmatch(domain)
        if len(domain) > 253 or not is_host:
            raise _problem(f"{key}__{index}", "Enter a host such as example.com or *.example.com.")
    return list(dict.fromkeys(found))


def _recipients(key: str, value: Any) -> list[int]:
    found = _list(key, value, MAX_RECIPIENTS)
    for index, item in enumerate(found):
        if isinstance(item, bool) or not isinstance(item, int):
            raise _problem(f"{key}__{index}", "A valid integer is required.")
    return list(dict.fromkeys(found))


CHECKS: Mapping[str, Check] = {
    "widget_enabled": _flag,
    "widget_greeting_text": _text(1000),
    "widget_color": _color,
    "widget_position": _position,
    "widget_placeholder_text": _text(500),
    "widget_require_email": _flag,
    "widget_collect_name": _flag,
    "widget_identification_form_title": _text(500),
    "widget_identification_form_description": _text(1000),
    "widget_domains": _domains,
    "widget_restore_enabled": _flag,
    "notification_recipients": _recipients,
    "email_enabled": _flag,
    "email_replies_to_widget": _flag,
    "email_limit_per_recipient": _whole_number(0, 1_000_000),
    "email_limit_per_ticket": _whole_number(0, 1_000_000),
    "email_limit_per_project": _whole_number(0, 1_000_000),
    "sms_limit_per_number": _whole_number(0, 1_000_000),
    "sms_limit_per_project": _whole_number(0, 1_000_000),
    "slack_enabled": _flag,
    "slack_channel_id": _text(200),
    "slack_channel_name": _text(200),
    "slack_ticket_emoji": _text(100),
    "slack_notification_channel_id": _text(200),
    "slack_notification_channel_name": _text(200),
    "reopen_on_reply": _flag,
    "pending_after_reply": _flag,
    "storage_quota_mb": _whole_number(1, 10_000_000),
    "first_steps_dismissed": _flag,
    "inbound_mail_kept_days": _whole_number(1, 3650),
    "ai_assistant_name": _text(100, may_be_blank=False),
}

WITHOUT_SETTING: Mapping[str, Any] = {
    "widget_enabled": False,
    "widget_position": POSITIONS[0],
    "widget_require_email": False,
    "widget_collect_name": False,
    "widget_domains": [],
    "widget_restore_enabled": True,
    "notification_recipients": [],
    "email_enabled": False,
    "email_replies_to_widget": True,
    "slack_enabled": False,
    "reopen_on_reply": True,
    "pending_after_reply": True,
    "first_steps_dismissed": False,
}
"""What holds for a key that nobody has set, where storing the same is no change."""


def merged_settings(
    stored: Mapping[str, Any], changes: Mapping[str, Any], member_ids: frozenset[int]
) -> dict[str, Any]:
    """Return the settings after a PATCH; raises Invalid for the first key at fault and changes nothing then.

    A null takes its key away, so that the default holds again. `member_ids` are those who may be notified.
    """
    after = dict(stored)
    for key, value in changes.items():
        if key == TOKEN_KEY:
            continue
        if value is None:
            after.pop(key, None)
        elif key in CHECKS:
            after[key] = CHECKS[key](key, value)
        else:
            after[key] = value
    _check_recipients(changes, member_ids)
    if len(after) > MAX_KEYS or len(msgspec.json.encode(after)) > MAX_BYTES:
        raise Invalid(
            f"The settings may have {MAX_KEYS} keys and {MAX_BYTES // 1024} KiB.",
            code="max_length",
            attr=ATTR,
        )
    return after


def _check_recipients(changes: Mapping[str, Any], member_ids: frozenset[int]) -> None:
    for index, user_id in enumerate(changes.get("notification_recipients") or ()):
        if user_id is not None and user_id not in member_ids:
            raise _problem(
                f"notification_recipients__{index}",
                f"The user {user_id} is not a member of the organization.",
                "does_not_exist",
            )
