"""What is decided about tickets and messages without looking at the database or the clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.kernel.errors import Invalid, too_long
from parley.kernel.text.forms import is_blank, normal_tag

Status = Literal["new", "open", "pending", "on_hold", "resolved"]
Priority = Literal["low", "medium", "high", "critical"]
Channel = Literal["widget", "email", "slack", "teams", "github"]

STATUSES: tuple[Status, ...] = get_args(Status)
MESSAGE_SCOPE = "conversations_ticket"
TICKET_SCOPES = frozenset((MESSAGE_SCOPE, "Ticket"))
CUSTOMER, ASSISTANT = "customer", "AI"
DEFAULT_ASSISTANT_NAME = "Assistant"
LAST_TEXT_LENGTH = 500
MAX_TAGS, MAX_TAG_LENGTH = 100, 255
SYNC_KEYS = ("from_slack", "slack_synced_ts", "slack_message_ts", "slack_author_name", "slack_author_avatar")
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
MAX_NUMBER = 2**31 - 1
MAX_RICH_CONTENT = 100_000
FIRST_YEAR, LAST_YEAR = 1900, 9998
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
    def is_unread_for_customer(self) -> bool:
        """A public message of a team member counts as unread; one that the assistant sent by itself doesn't."""
        return not self.is_private and not self.is_from_customer and self.created_by is not None


def status_after_message(status: str, message: Comment, *, reopens: bool) -> str:
    """Say which status a ticket has once this message is on it: a customer's words reopen a resolved one."""
    if reopens and status == "resolved" and message.is_from_customer and not message.is_private:
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
    """Return a client's message context without what only a channel may say, or a message could pose as synced."""
    return {key: value for key, value in context.items() if key not in SYNC_KEYS}


class Authorship(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can give a message's author a name. `creator_name` is of the user who posted it, or None."""

    author_type: str
    creator_name: str | None = None
    creator_email: str | None = None
    context: Mapping[str, Any] = {}
    traits: Mapping[str, Any] = {}


def author_name(
    authorship: Authorship, assistant_name: str = DEFAULT_ASSISTANT_NAME, *, customer: str = "Customer"
) -> str:
    """Return the name to show for a message's author; `customer` names one who has told neither name nor address.

    What the assistant has written carries its name even when a user has posted it.
    """
    if authorship.author_type == ASSISTANT:
        return assistant_name
    if authorship.creator_name is not None or authorship.creator_email is not None:
        return (authorship.creator_name or "").strip() or authorship.creator_email or "Support"
    told = [authorship.context.get(key) for key in CHANNEL_NAME_KEYS]
    if authorship.author_type == CUSTOMER:
        told += [authorship.traits.get("name"), authorship.traits.get("email"), customer]
    return next((name for name in told if isinstance(name, str) and name.strip()), "Support")


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


def reopens_on_reply(settings: Mapping[str, Any]) -> bool:
    """Say whether a customer's reply reopens a resolved ticket in a project with these settings."""
    return settings.get("reopen_on_reply") is not False


def normalised_tags(names: Sequence[str]) -> list[str]:
    """Return tag names in their normal form, each once, sorted; blank ones left out."""
    return sorted({name for name in map(normal_tag, names) if name})


def id_or_number(text: str) -> UUID | int | None:
    """Read how a path names a ticket: by its uuid or its number; None names nothing.

    Only ASCII digits make a number: `²` is a digit to Python, too.
    """
    if text.isascii() and text.isdigit():
        number = int(text) if len(text) <= 10 else 0
        return number if 0 < number <= MAX_NUMBER else None
    return uuid_of(text)


def checked_tags(names: Sequence[str], attr: str = "tags") -> list[str]:
    """Return tag names in their normal form; raises Invalid for too many and for one that is too long."""
    if len(names) > MAX_TAGS:
        raise too_long(MAX_TAGS, attr, "elements")
    check_tag_lengths(names, attr)
    return normalised_tags(names)


def check_tag_lengths(names: Sequence[str], attr: str) -> None:
    """Raise Invalid for a tag whose normal form is too long."""
    for index, name in enumerate(names):
        if len(normal_tag(name)) > MAX_TAG_LENGTH:
            raise too_long(MAX_TAG_LENGTH, f"{attr}__{index}")


class UserAssignee(msgspec.Struct, frozen=True, tag_field="type", tag="user"):
    """A user who shall take care of tickets, as views and quick actions name them."""

    id: Annotated[int, Meta(ge=1, le=MAX_NUMBER)]


class RoleAssignee(msgspec.Struct, frozen=True, tag_field="type", tag="role"):
    """A role whose people shall take care of tickets, as views and quick actions name them."""

    id: UUID


class AssigneeIds(msgspec.Struct, frozen=True):
    """Who shall take care of a ticket: one of the two, or nobody."""

    user_id: int | None = None
    role_id: UUID | None = None


def checked_assignee(value: Any) -> AssigneeIds:
    """Read `{type, id}` or null as requests carry it; raises Invalid for anything else."""
    if value is None:
        return AssigneeIds()
    if not isinstance(value, dict):
        raise _bad_assignee("Assignee must be an object.")
    if value.get("type") is None or value.get("id") is None:
        raise _bad_assignee("Assignee must have 'type' and 'id'.")
    if value["type"] == "user":
        return AssigneeIds(user_id=_user_id(value["id"]))
    if value["type"] == "role":
        return AssigneeIds(role_id=_role_id(value["id"]))
    raise _bad_assignee("Assignee type must be 'user' or 'role'.")


def _user_id(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad_assignee("Assignee user id must be an integer.")
    if not 0 < value <= MAX_NUMBER:
        raise not_a_member()
    return value


def _role_id(value: Any) -> UUID:
    try:
        return UUID(value)
    except (AttributeError, TypeError, ValueError) as error:
        raise _bad_assignee("Assignee role id must be a valid UUID.") from error


def not_a_member(attr: str = "assignee") -> Invalid:
    """Return the error for an assignee who is not in the organization."""
    return Invalid("Assigned user is not a member of this organization.", attr=attr)


def not_a_role_here(attr: str = "assignee") -> Invalid:
    """Return the error for a role of another organization."""
    return Invalid("Assigned role does not belong to this organization.", attr=attr)


def _bad_assignee(detail: str) -> Invalid:
    return Invalid(detail, attr="assignee")


def checked_content(content: str | None, rich_content: Any) -> None:
    """Raise Invalid for a comment that says nothing, or whose rich form is too large."""
    if is_blank(content or "") and not rich_content:
        raise Invalid("A comment must have content")
    check_rich_content(rich_content)


def check_rich_content(rich_content: Any) -> None:
    """Raise Invalid for a rich form that is too large."""
    if rich_content and len(msgspec.json.encode(rich_content)) > MAX_RICH_CONTENT:
        raise Invalid("Rich content too large (max 100KB).", code="max_length", attr="rich_content")


def uuid_of(text: str | None) -> UUID | None:
    """Read a uuid; None where it isn't one."""
    try:
        return UUID(text) if text and len(text) in (32, 36) else None
    except ValueError:
        return None


def checked_instant(at: Any, attr: str) -> None:
    """Raise Invalid for an instant at the ends of the calendar, which PostgreSQL's driver takes for infinity."""
    if isinstance(at, datetime) and not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Invalid(f"The year must lie between {FIRST_YEAR} and {LAST_YEAR}.", attr=attr)
