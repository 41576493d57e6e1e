"""Tickets that sleep until a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, select

from parley.conversations.tickets.queries.tickets import columns_of
from parley.conversations.tickets.tables import SNOOZED, ticket
from parley.kernel.database.transaction import Db


class Sleeper(msgspec.Struct, frozen=True):
    """A ticket whose snooze has ended."""

    project_id: int
    id: UUID
    number: int
    status: str
    snoozed_until: datetime
    priority: str | None
    distinct_id: str
    anonymous_traits: dict[str, Any]
    sla_due_at: datetime | None
    channel_source: str
    channel_detail: str | None
    email_from: str | None
    created_at: datetime
    assignee_user_id: int | None
    assignee_role_id: UUID | None
    tags_json: str | None


def due(now: datetime, *, limit: int) -> Select[Any]:
    """Select tickets of all projects whose snooze has ended, those that wait longest first (ix_ticket_snoozed)."""
    return (
        select(*columns_of(Sleeper))
        .where(SNOOZED, ticket.c.snoozed_until <= now)
        .order_by(ticket.c.snoozed_until)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )


async def due_to_wake(db: Db, now: datetime, *, limit: int) -> Sequence[Sleeper]:
    """Lock tickets whose snooze has ended; those that another run holds are passed over."""
    rows: Sequence[Sequence[Any]] = (await db.execute(due(now, limit=limit))).all()
    return [Sleeper(*row) for row in rows]
