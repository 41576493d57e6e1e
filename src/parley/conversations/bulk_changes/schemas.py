"""Changes of many tickets at once, as they travel."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.conversations.bulk_changes.rules import ChangedTicket, TagAction
from parley.conversations.ticket_api.schemas import NewAssignee, TagNames
from parley.conversations.tickets.rules.fields import Priority, Status

TicketIds = Annotated[list[UUID], Meta(min_length=1, max_length=500)]


class BulkIds(msgspec.Struct, kw_only=True):
    """Which tickets are meant."""

    ids: TicketIds


class BulkStatus(msgspec.Struct, kw_only=True):
    """A status for many tickets."""

    ids: TicketIds
    status: Status


class BulkStatusOut(msgspec.Struct, frozen=True):
    """The tickets that have got another status, and how many they are."""

    updated: int
    ids: list[UUID]


class BulkPriority(msgspec.Struct, kw_only=True):
    """A priority for many tickets; null is none."""

    ids: TicketIds
    priority: Priority | None


class BulkTags(msgspec.Struct, kw_only=True):
    """Tags for many tickets; `set` replaces what they have."""

    ids: TicketIds
    action: TagAction
    tags: TagNames


class TaggedTicket(msgspec.Struct, frozen=True):
    """A ticket and the tags that it has now."""

    id: UUID
    tags: list[str]


class SkippedTicket(msgspec.Struct, frozen=True):
    """A ticket that stayed as it was, and why."""

    id: UUID
    reason: str


class BulkTagsOut(msgspec.Struct, frozen=True):
    """What became of each ticket."""

    updated: list[TaggedTicket]
    skipped: list[SkippedTicket]


class BulkAssignee(msgspec.Struct, kw_only=True):
    """Who shall take care of many tickets; null is nobody."""

    ids: TicketIds
    assignee: NewAssignee


class BulkSnooze(msgspec.Struct, kw_only=True):
    """Until when many tickets are snoozed; null wakes them up."""

    ids: TicketIds
    snoozed_until: datetime | None


class BulkChangeOut(msgspec.Struct, frozen=True):
    """The tickets that have changed, and those that couldn't; the others were so already."""

    updated: list[UUID]
    skipped: list[SkippedTicket]


class BulkChangeListed(msgspec.Struct, frozen=True):
    """A change of many tickets that the caller made within the last hour; `words` say what was done to them."""

    id: UUID
    words: str
    created_at: datetime
    can_undo: bool
    undone_at: datetime | None


class BulkUndone(msgspec.Struct, frozen=True):
    """The tickets that are as they were before a bulk change, and those that stay as somebody has made them since."""

    id: UUID
    updated: list[UUID]
    skipped: list[SkippedTicket]


class BulkChange(msgspec.Struct, frozen=True, kw_only=True):
    """A bulk change; `chosen` is what it was asked for, `kept_numbers` what undoing left as it was."""

    id: UUID
    words: str
    chosen: list[UUID]
    n_skipped: int
    changed: list[ChangedTicket]
    created_at: datetime
    undone_at: datetime | None
    kept_numbers: list[int]
