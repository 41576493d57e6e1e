"""Unresolved tickets of all projects, counted by age."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from parley.conversations.backlog_counts.rules import AGES, EVENT
from parley.conversations.tickets.rules.fields import STATUSES
from parley.conversations.tickets.tables import FACTS, LIVE, ticket
from parley.kernel.database.transaction import Db
from parley.people.events.tables import event

UNRESOLVED = tuple(status for status in STATUSES if status != "resolved")


async def backlogs_of_projects(db: Db, now: datetime) -> dict[int, dict[str, int]]:
    """Return the counts of each project that has unresolved tickets (ix_ticket_facts)."""
    ages = [_count(now, *age).label(name) for name, age in AGES.items()]
    counted = (
        select(ticket.c.project_id, func.count().label("backlog_count"), *ages)
        .where(LIVE, FACTS, ticket.c.status.in_(UNRESOLVED))
        .group_by(ticket.c.project_id)
        .order_by(ticket.c.project_id)
    )
    rows = (await db.execute(counted)).mappings().all()
    return {row["project_id"]: {name: row[name] for name in ("backlog_count", *AGES)} for row in rows}


def _count(now: datetime, age: timedelta, below: timedelta | None) -> ColumnElement[Any]:
    is_of_age = [ticket.c.created_at <= now - age] if age else []
    if below is not None:
        is_of_age.append(ticket.c.created_at > now - below)
    return func.count(case((and_(*is_of_age), 1)))


async def counted_projects(db: Db, project_ids: Collection[int], hour: datetime) -> set[int]:
    """Return which of the projects have been counted for this hour (ix_event_named)."""
    done = select(event.c.project_id).where(
        event.c.project_id.in_(project_ids), event.c.event == EVENT, event.c.timestamp == hour
    )
    return set((await db.execute(done)).scalars())
