"""A ticket as the external API shows it, and what may be changed about it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.conversations.sla.rules import Unit
from parley.conversations.tickets.rules.fields import Priority, Status
from parley.conversations.tickets.rules.tags import MAX_SENT_TAG_LENGTH, MAX_TAGS
from parley.conversations.tickets.schemas import MergedFrom


class Problem(msgspec.Struct, frozen=True):
    """An error of the external API."""

    error: str


class AssigneeRef(msgspec.Struct, frozen=True):
    type: Literal["user", "role"]
    id: int | UUID


class ExternalTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket. `sla` is when it is due, `url` the page that the customer was on."""

    id: UUID
    number: int
    status: str
    priority: str | None
    channel_source: str
    channel_detail: str | None
    distinct_id: str
    created_at: datetime
    updated_at: datetime
    message_count: int
    last_message_at: datetime | None
    last_message_text: str | None
    unread_team_count: int
    unread_customer_count: int
    sla: datetime | None
    snoozed_until: datetime | None
    assignee: AssigneeRef | None
    url: str | None
    slack_channel_id: str | None = None
    slack_thread_ts: str | None = None
    slack_team_id: str | None = None
    email_subject: str | None
    email_from: str | None
    email_to: str | None
    cc_participants: list[str]
    tags: list[str]
    merged_from: MergedFrom | UnsetType = UNSET


class ExternalPatch(msgspec.Struct, kw_only=True):
    """What may be changed; what is left out stays. Either `sla_due_at` or an amount says when the ticket is due."""

    status: Status | UnsetType = UNSET
    priority: Priority | UnsetType | None = UNSET
    sla_due_at: datetime | UnsetType | None = UNSET
    sla_amount: float | UnsetType = UNSET
    sla_unit: Unit = "hour"
    sla_business_hours: Any = None
    snoozed_until: datetime | UnsetType | None = UNSET
    assignee: Any = UNSET
    tags: (
        Annotated[list[Annotated[str, Meta(max_length=MAX_SENT_TAG_LENGTH)]], Meta(max_length=MAX_TAGS)]
        | UnsetType
    ) = UNSET
    tags_mode: Literal["add", "set", "remove"] = "add"


class Done(msgspec.Struct, frozen=True):
    """The ticket is as the request wants it."""

    ok: Literal[True] = True
