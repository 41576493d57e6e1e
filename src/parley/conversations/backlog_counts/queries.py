"""Unresolved tickets of a project, counted by age."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from parley.accounts.projects.tables import project
from parley.conversations.backlog_counts.rules import AGES, EVENT
from parley.conversations.tickets.rules.fields import STATUSES
from parley.conversations.tickets.tables import FACTS, LIVE, ticket
from parley.kernel.database.transaction import Db
from parley.people.events.tables import event

UNRESOLVED = tuple(status for status in STATUSES if status != "resolved")


async def projects_with_backlog(db: Db) -> Sequence[int]:
    """Return the projects that have unresolved tickets (ix_ticket_status, one look-up a status for each)."""
    has_some = [
        exists().where(ticket.c.project_id == project.c.id, LIVE, ticket.c.status == status)
        for status in UNRESOLVED
    ]
    return (
        (await db.execute(select(project.c.id).where(or_(*has_some)).order_by(project.c.id))).scalars().all()
    )


async def backlog_of_project(db: Db, project_id: int, now: datetime) -> dict[str, int]:
    """Return the counts of a project (ix_ticket_facts)."""
    ages = [_count(now, *age).label(name) for name, age in AGES.items()]
    counted = select(func.count().label("backlog_count"), *ages).where(
        ticket.c.project_id == project_id, LIVE, FACTS, ticket.c.status.in_(UNRESOLVED)
    )
    return dict((await db.execute(counted)).mappings().one())


def _count(now: datetime, age: timedelta, below: timedelta | None) -> ColumnElement[Any]:
    is_of_age = [ticket.c.created_at <= now - age] if age else []
    if below is not None:
        is_of_age.append(ticket.c.created_at > now - below)
    return func.count(case((and_(*is_of_age), 1)))


async def is_counted(db: Db, project_id: int, hour: datetime) -> bool:
    """Say whether a project has been counted for this hour (ix_event_named)."""
    done = exists().where(event.c.project_id == project_id, event.c.event == EVENT, event.c.timestamp == hour)
    return bool((await db.execute(select(done))).scalar_one())
