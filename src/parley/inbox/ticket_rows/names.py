"""What the inbox calls statuses, priorities and channels, and the choices between them."""

import msgspec

from parley.conversations.tickets.rules.fields import STATUSES

STATUS_NAMES = {
    "new": "New",
    "open": "Open",
    "pending": "Pending",
    "on_hold": "On hold",
    "resolved": "Resolved",
}
PRIORITY_NAMES = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}
CHANNEL_NAMES = {
    "widget": "Chat widget",
    "email": "E-mail",
    "sms": "Text message",
    "slack": "Slack",
    "teams": "Teams",
    "github": "GitHub",
}
CHANNEL_ICONS = {
    "widget": "chat",
    "email": "mail",
    "sms": "phone",
    "slack": "hash",
    "teams": "person",
    "github": "code",
}
SLA_NAMES = {"breached": "Overdue", "at-risk": "Due within the hour", "on-track": "Due later"}
SNOOZED_NAMES = {"true": "Only snoozed", "false": "Not snoozed", "all": "Snoozed or not"}
SNOOZES = {
    "hour": "For an hour",
    "tomorrow": "Until tomorrow, 9:00",
    "monday": "Until Monday, 9:00",
    "week": "For a week",
}
SINCE_NAMES = {
    "dStart": "Today",
    "-1d": "In the last 24 hours",
    "-7d": "In the last 7 days",
    "-30d": "In the last 30 days",
    "-90d": "In the last 90 days",
}
ORDER_NAMES = {
    "-updated_at": "Latest change",
    "updated_at": "Oldest change",
    "-created_at": "Newest first",
    "created_at": "Oldest first",
    "sla_due_at": "Due first",
    "snoozed_until": "Waking up first",
    "-ticket_number": "Highest number",
    "ticket_number": "Lowest number",
}
HAPPENED_NAMES = {
    "opened": "Opened",
    "first_response": "First answered",
    "answered": "Answered",
    "resolved": "Resolved",
    "sla_met": "Due time met",
    "sla_missed": "Due time missed",
}
ACTIVE = tuple(status for status in STATUSES if status != "resolved")
WHO = {"all": "All", "mine": "Mine", "unassigned": "Unassigned", "mentioned": "Mentioned"}


class Choice(msgspec.Struct, frozen=True):
    """One way to narrow the list down."""

    key: str
    name: str
    path: str
    is_chosen: bool
    count: int | None = None


class Option(msgspec.Struct, frozen=True):
    """One option of a select."""

    value: str
    name: str
    is_chosen: bool = False


def shortened(text: str, most: int) -> str:
    """Return the text, or its beginning with a sign that there is more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
