"""Which values the fields of a ticket take, and how its status moves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from parley.conversations.tickets.rules.comments import Comment
from parley.kernel.errors import Invalid

Status = Literal["new", "open", "pending", "on_hold", "resolved"]
Priority = Literal["low", "medium", "high", "critical"]
Channel = Literal["widget", "email", "slack", "teams", "github", "sms"]
STATUSES: tuple[Status, ...] = get_args(Status)
FIRST_YEAR, LAST_YEAR = 1900, 9998


def status_after_message(status: str, message: Comment, *, reopens: bool) -> str:
    """Say which status a ticket has once this message is on it: a customer's words open it again, unless it is new."""
    if reopens and status != "new" and message.is_from_customer and not message.is_private:
        return "open"
    return status


def status_after_snooze(status: str, before: datetime | None, after: datetime | None) -> str:
    """Say which status follows from setting, moving or ending a snooze."""
    if before is None and after is not None:
        return "on_hold"
    if before is not None and after is None:
        return "open"
    return status


def status_after_waking(status: str) -> str:
    """Say which status a ticket has once its snooze has run out; a new one stays new."""
    return status if status in ("new", "open") else "open"


def waits_after_reply(settings: Mapping[str, Any]) -> bool:
    """Say whether a new ticket becomes pending once it is answered in the inbox of a project with these settings."""
    return settings.get("pending_after_reply") is not False


def reopens_on_reply(settings: Mapping[str, Any]) -> bool:
    """Say whether a customer's reply opens a ticket that waits or is resolved, in a project with these settings."""
    return settings.get("reopen_on_reply") is not False


def checked_instant(at: Any, attr: str) -> None:
    """Raise Invalid for an instant at the ends of the calendar, which PostgreSQL's driver takes for infinity."""
    if isinstance(at, datetime) and not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Invalid(f"The year must lie between {FIRST_YEAR} and {LAST_YEAR}.", attr=attr)
