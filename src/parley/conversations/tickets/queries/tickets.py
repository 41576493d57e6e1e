"""One ticket, locked to be changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, bindparam, literal, select

from parley.conversations.tickets.queries.merged_ticket import MergedTicket, merged_ticket
from parley.conversations.tickets.tables import LIVE, ticket, ticket_tag
from parley.kernel.database.dialect import json_array_text
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

MOST_MOVES = 5
"""Look-ups for one ticket: somebody may merge, at the same time, what it has just been found to be merged into."""


PROJECT = ticket.c.project_id == bindparam("project_id")
IS_TAG_OF = (ticket_tag.c.project_id == ticket.c.project_id, ticket_tag.c.ticket_id == ticket.c.id)
TAGS = select(json_array_text(ticket_tag.c.name)).where(*IS_TAG_OF).scalar_subquery()


class LockedTicket(msgspec.Struct, frozen=True):
    """A ticket as actions need it. Nobody else changes it until the transaction ends."""

    project_id: int
    id: UUID
    number: int
    status: str
    priority: str | None
    distinct_id: str
    widget_session_id: UUID
    identity_verified: bool | None
    claim_email: str | None
    closed_to_sessions: bool
    anonymous_traits: dict[str, Any]
    session_id: str | None
    session_context: dict[str, Any]
    ai_resolved: bool
    escalation_reason: str | None
    assignee_user_id: int | None
    assignee_role_id: UUID | None
    message_count: int
    last_message_at: datetime | None
    unread_team_count: int
    unread_customer_count: int
    sla_due_at: datetime | None
    snoozed_until: datetime | None
    channel_source: str
    channel_detail: str | None
    email_subject: str | None
    email_from: str | None
    has_been_merged: bool
    created_at: datetime
    first_response_at: datetime | None
    tags_json: str | None
    # The merged ticket that was asked for, where this is the target.
    requested: MergedTicket | None = None

    @property
    def via_ticket_id(self) -> UUID | None:
        """The ticket that messages are addressed to which come in now, where that is merged into this one."""
        return self.requested.merged_from.id if self.requested else None


def columns_of(held: type[msgspec.Struct]) -> list[ColumnElement[Any]]:
    """Return the columns of a struct that holds a ticket; `tags_json` is a list, or None where it has no tag."""
    names = (name for name in held.__struct_fields__ if name != "requested")
    return [TAGS if name == "tags_json" else ticket.c[name] for name in names]


_TO_LOCK = (
    select(*columns_of(LockedTicket))
    .where(PROJECT, LIVE)
    # Only against other writers: a new message, which refers to the ticket, need not wait.
    .with_for_update(key_share=True)
)
_LOCKED_BY_ID = Prepared(_TO_LOCK.where(ticket.c.id == bindparam("ticket_id")))
_LOCKED_BY_NUMBER = Prepared(_TO_LOCK.where(ticket.c.number == bindparam("number")))


async def locked_ticket(db: Db, project_id: int, wanted: UUID | int | None) -> LockedTicket:
    """Lock one ticket by uuid or number until the transaction ends; raises NotFound for a missing or deleted one.

    For a merged ticket it is its target, with what was asked for.
    """
    merged: MergedTicket | None = None
    for _ in range(MOST_MOVES):
        if isinstance(wanted, UUID):
            row = await db.row(_LOCKED_BY_ID, project_id=project_id, ticket_id=wanted)
        elif wanted is not None:
            row = await db.row(_LOCKED_BY_NUMBER, project_id=project_id, number=wanted)
        else:
            break
        if row is not None:
            return LockedTicket(*row, merged)  # type: ignore[call-arg]
        merged = await merged_ticket(db.rows, project_id, merged.merged_from.id if merged else wanted)
        wanted = merged.last_target_id if merged and merged.last_target_id != wanted else None
    raise NotFound


_TAGS = Prepared(
    select(ticket_tag.c.name)
    .where(
        ticket_tag.c.project_id == bindparam("project_id"), ticket_tag.c.ticket_id == bindparam("ticket_id")
    )
    .order_by(ticket_tag.c.name)
)


async def tag_names(db: Db, project_id: int, ticket_id: UUID) -> list[str]:
    """Return the tags of a ticket, sorted (primary key)."""
    return [row[0] for row in await db.rows(_TAGS, project_id=project_id, ticket_id=ticket_id)]


def renamed_rows(which: Sequence[ColumnElement[bool]], into: str) -> Select[Any]:
    """Return the rows of tags under another name: project, ticket, merge, name."""
    columns = (ticket_tag.c.project_id, ticket_tag.c.ticket_id, ticket_tag.c.merge_id)
    return select(*columns, literal(into, ticket_tag.c.name.type)).where(*which)
