"""What a project's events are called, and what they say: the choices of the form."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Integer, Text, cast, func, literal, select

from parley.accounts.users.queries import USER
from parley.accounts.users.schemas import UserBasic
from parley.accounts.users.tables import user_account
from parley.analytics.insights.tables import insight
from parley.analytics.query_schema.ticket_events import CHARTABLE, is_of_ticket
from parley.kernel.database.transaction import Db
from parley.people.events.tables import event

COUNTED = timedelta(days=30)
MOST_NAMES, MOST_COUNTED, MOST_READ, MOST_LETTERS = 200, 1000, 20, 20_000


class EventName(msgspec.Struct, frozen=True):
    """An event that a project has, with its number in the last 30 days; `is_more` says that counting ended there."""

    name: str
    count: int
    is_more: bool


async def event_names(db: Db, project_id: int, now: datetime) -> list[EventName]:
    """Return the names of the project's events, the most frequent first.

    Goes from name to name, and counts a thousand of each (ix_event_named).
    """
    mine = event.c.project_id == project_id
    first = select(func.min(event.c.event)).where(mine).scalar_subquery()
    names = select(literal(1, Integer).label("place"), first.label("name")).cte("names", recursive=True)
    following = select(func.min(event.c.event)).where(mine, event.c.event > names.c.name)
    names = names.union_all(
        select(names.c.place + 1, following.correlate(names).scalar_subquery()).where(
            names.c.name.is_not(None), names.c.place < MOST_NAMES
        )
    )
    recent = select(event.c.id).where(mine, event.c.event == names.c.name, event.c.timestamp >= now - COUNTED)
    some = recent.correlate(names).limit(MOST_COUNTED + 1).subquery()
    count = select(func.count()).select_from(some).scalar_subquery()
    rows = await db.execute(select(names.c.name, count.label("n")).where(names.c.name.is_not(None)))
    found = [EventName(row.name, min(row.n, MOST_COUNTED), row.n > MOST_COUNTED) for row in rows]
    return sorted(found, key=lambda one: (-one.count, one.name))


async def property_names(db: Db, project_id: int, events: Sequence[str]) -> list[str]:
    """Return which properties the latest of these events have, by name; of events about tickets those that may be shown."""
    found: set[str] = set()
    for name in events:
        if is_of_ticket(name):
            found |= CHARTABLE
            continue
        length = func.length(cast(event.c.properties, Text))
        mine = (event.c.project_id == project_id, event.c.event == name, length < MOST_LETTERS)
        latest = select(event.c.properties).where(*mine).order_by(event.c.timestamp.desc(), event.c.id.desc())
        for properties in (await db.execute(latest.limit(MOST_READ))).scalars():
            found |= set(properties) if isinstance(properties, dict) else set()
    return sorted(key for key in found if len(key) <= MOST_NAMES)


async def authors_of_insights(db: Db, project_id: int) -> list[UserBasic]:
    """Return who has made the project's insights, by name (ix_insight_created_by)."""
    mine = select(insight.c.created_by).where(insight.c.project_id == project_id).distinct()
    found = select(*USER.columns).where(user_account.c.id.in_(mine))
    return sorted(map(USER, await db.execute(found)), key=lambda one: one.name.casefold())
