"""What a comment is, who its author is, and what of it a ticket shows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from parley.kernel.errors import Invalid
from parley.kernel.text.forms import is_blank
from parley.kernel.text.rich_content import text_of_rich

MESSAGE_SCOPE = "conversations_ticket"
TICKET_SCOPES = frozenset((MESSAGE_SCOPE, "Ticket"))
CUSTOMER, ASSISTANT = "customer", "AI"
DEFAULT_ASSISTANT_NAME = "Assistant"
NAMELESS = "Customer"
"""How a customer is called who has told neither name nor address."""
LAST_TEXT_LENGTH = 500
TEXT_MESSAGES = "sms"
"""The channel whose customers get plain text, and nothing else."""
OTHER_WORDS = (
    "A text message is plain text, so the customer would not get this: it says something else than the text. "
    "Leave it out."
)
DELIVERY_KEY, DELIVERY_DETAIL_KEY = "email_delivery_status", "email_delivery_detail"
SMS_STATUS_KEY, SMS_DETAIL_KEY = "sms_delivery_status", "sms_delivery_detail"
SLACK_STATUS_KEY, SLACK_DETAIL_KEY = "slack_delivery_status", "slack_delivery_detail"
SYNC_KEYS = (
    "from_slack", "slack_synced_ts", "slack_message_ts", "slack_author_name", "slack_author_avatar", DELIVERY_KEY,
    DELIVERY_DETAIL_KEY, SMS_STATUS_KEY, SMS_DETAIL_KEY, SLACK_STATUS_KEY, SLACK_DETAIL_KEY,
)  # fmt: skip
ATTACHMENTS_KEY = "attachments"
# The context of a customer's message names the participant who wrote it, unless the requester did.
PARTICIPANT_KEY = "participant_id"
PARTICIPANT_NAME_KEY, PARTICIPANT = "participant_name", "Participant"  # what other customers see
CHANNEL_NAME_KEYS = (
    "author_name",
    "slack_author_name",
    "teams_author_name",
    "github_login",
    "email_from_name",
)
# The text of the mail that a message came from, where the message shows only what is new in it.
WHOLE_EMAIL_KEY = "email_whole_text"
MAX_RICH_CONTENT = 100_000
TICK = timedelta(microseconds=1)


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """What every comment has, whether it is stored or about to be; on it depend the counters and the status of a ticket."""

    content: str
    author_type: str
    is_private: bool
    created_by: int | None

    @property
    def is_from_customer(self) -> bool:
        return self.author_type == CUSTOMER

    @property
    def is_response(self) -> bool:
        """A public message of the team; the assistant's own are none."""
        return not self.is_private and self.author_type not in (CUSTOMER, ASSISTANT)

    @property
    def is_unread_for_customer(self) -> bool:
        """A public message of a team member counts as unread; one that the assistant sent by itself doesn't."""
        return not self.is_private and not self.is_from_customer and self.created_by is not None


def time_of_message(now: datetime, last_message_at: datetime | None) -> datetime:
    """Say when a message was written: later than all before it.

    The widget asks for what is newer than the last message it has seen, so of two that arrive together, or through
    servers with different clocks, the second must not look older.
    """
    if last_message_at is not None and now <= last_message_at:
        return last_message_at + TICK
    return now


def last_text(content: str) -> str:
    """Return what a list of tickets shows of a message."""
    return content[:LAST_TEXT_LENGTH]


def is_private(context: Mapping[str, Any]) -> bool:
    """Say whether a message's context makes it a private note; only a real true does."""
    return context.get("is_private") is True


def author_type(context: Mapping[str, Any]) -> str:
    """Return who a message's context says has written it, or an empty text."""
    found = context.get("author_type")
    return found[:20] if isinstance(found, str) else ""


def without_sync_keys(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client's message context without what only a channel may say, or a message could pose as synced.

    Nor does it say which files a message has: they are attached by their ids.
    """
    return {key: value for key, value in context.items() if key not in (*SYNC_KEYS, ATTACHMENTS_KEY)}


class Authorship(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can give a message's author a name. `creator_name` is of the user who posted it, or None."""

    author_type: str
    creator_name: str | None = None
    creator_email: str | None = None
    context: Mapping[str, Any] = {}
    traits: Mapping[str, Any] = {}


def author_name(
    authorship: Authorship, assistant_name: str = DEFAULT_ASSISTANT_NAME, *, customer: str = NAMELESS
) -> str:
    """Return the name to show for a message's author; `customer` names one who has told neither name nor address.

    What the assistant has written carries its name even when a user has posted it.
    """
    if authorship.author_type == ASSISTANT:
        return assistant_name
    if authorship.creator_name is not None or authorship.creator_email is not None:
        return (authorship.creator_name or "").strip() or authorship.creator_email or "Support"
    candidates = [authorship.context.get(key) for key in CHANNEL_NAME_KEYS]
    if authorship.author_type == CUSTOMER:
        candidates += [authorship.traits.get("name"), authorship.traits.get("email"), customer]
    return next((name for name in candidates if isinstance(name, str) and name.strip()), "Support")


def assistant_name(settings: Mapping[str, Any]) -> str:
    """Return how a project calls its assistant, from its `conversations_settings`."""
    name = settings.get("ai_assistant_name")
    return name if isinstance(name, str) and name.strip() else DEFAULT_ASSISTANT_NAME


def message_type(author_type: str, *, private: bool) -> str:
    """Return the kind of a message as the API of messages calls it."""
    if author_type == CUSTOMER:
        return "customer_message"
    if private:
        return "ai_draft" if author_type == ASSISTANT else "internal_note"
    return "sent_reply"


def checked_content(content: str | None, rich_content: Any, *, has_files: bool = False) -> None:
    """Raise Invalid for a comment that says nothing and has no files, or whose rich form is too large."""
    if is_blank(content or "") and not rich_content and not has_files:
        raise Invalid("A comment must have content")
    check_rich_content(rich_content)


def check_rich_content(rich_content: Any) -> None:
    """Raise Invalid for a rich form that is too large."""
    if rich_content and len(msgspec.json.encode(rich_content)) > MAX_RICH_CONTENT:
        raise Invalid("Rich content too large (max 100KB).", code="max_length", attr="rich_content")


def check_rich_is_said(channel_source: str, content: str, rich_content: Any) -> None:
    """Raise Invalid for a message to a customer who gets its text alone, where its rich form says something else.

    White space doesn't count.
    """
    if channel_source != TEXT_MESSAGES or not rich_content:
        return
    if text_of_rich(rich_content).split() != content.split():
        raise Invalid(OTHER_WORDS, attr="rich_content")
