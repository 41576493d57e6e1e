"""What a share is, what may be set on it, and which of its links opens something."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from parley.kernel.errors import Invalid

TargetType = Literal["recording", "insight", "dashboard"]
LOG_SCOPES: Mapping[TargetType, str] = {"recording": "Replay", "insight": "Insight", "dashboard": "Dashboard"}
"""Under which scope the activity log has what is shared, as PostHog calls it."""
MAX_TARGET_ID = 200
GRACE = timedelta(seconds=300)
"""How long a link goes on after the share has got another one."""
NEVER_REACHED = datetime(9999, 1, 1, tzinfo=UTC)
TURN = 0x7368
"""The number under which those who change shares of one project wait for each other (`take_turn`)."""
TOKEN_BYTES = 22
SUFFIX_LENGTH = 6
SWITCHES = ("whitelabel", "noHeader", "showInspector", "legend", "detailed", "hideExtraDetails")
Theme = Literal["light", "dark", "system"]
MAX_LOGGED_ID = 72


def new_access_token() -> str:
    """Return the secret of a link: 22 random bytes, 30 characters that a URL takes as they are."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def suffix_of(token: str) -> str:
    """Return what the log says of a link, which isn't enough to open it."""
    return token[-SUFFIX_LENGTH:]


def checked_settings(value: object) -> dict[str, Any] | None:
    """Return those settings that a share knows, without nulls; raises Invalid for values of another type."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise wrong_settings()
    known = {name: value[name] for name in (*SWITCHES, "theme") if value.get(name) is not None}
    for name, given in known.items():
        if not (given in get_args(Theme) if name == "theme" else isinstance(given, bool)):
            raise wrong_settings()
    return known


def wrong_settings() -> Invalid:
    """Return the error for settings that are none."""
    return Invalid("Invalid settings format", attr="settings")


def shown_settings(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a page is told: the switches that are on, and the theme."""
    return {name: value for name, value in (settings or {}).items() if value is not False}


def is_over(now: datetime, *ends: datetime | None) -> bool:
    """Say whether any of the moments at which a link ends has come; None never comes."""
    return any(end is not None and end <= now for end in ends)


def check_link_end(end: datetime | None, now: datetime) -> None:
    """Raise Invalid for an end that lies in the past, or so late that it is no time in some time zone."""
    if end is not None and end <= now:
        raise Invalid("The link must end in the future.", attr="link_expires_at")
    if end is not None and end >= NEVER_REACHED:
        raise Invalid(f"The link must end before the year {NEVER_REACHED.year}.", attr="link_expires_at")


def logged_id(target_id: str) -> str:
    """Return the id under which the activity log has a target: its own, or a digest of one that is too long for that."""
    if len(target_id) <= MAX_LOGGED_ID:
        return target_id
    return f"sha256:{hashlib.sha256(target_id.encode('utf-8', 'surrogatepass')).hexdigest()}"
