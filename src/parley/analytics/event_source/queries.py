"""SELECTs over events of a time, with the persons who caused them as of now, so that merges apply to the past."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, and_, func, or_, select

from parley.analytics.event_source.conditions import AsOf, PropertyColumns, condition_of, needs_person
from parley.analytics.event_source.functions import actor_of
from parley.analytics.event_source.source import EventSource
from parley.analytics.query_schema.schemas import DateRange, PropertyGroup
from parley.people.events.queries import IS_OF_TICKET
from parley.people.events.rules.events import RESERVED
from parley.people.events.tables import event
from parley.people.persons.tables import person, person_distinct_id


def events_of(
    project_id: int,
    names: Sequence[str | None],
    between: tuple[datetime | None, datetime | None],
    groups: Sequence[PropertyGroup],
    as_of: AsOf,
    *,
    with_actor: bool = False,
    with_person: bool = False,
) -> Subquery:
    """Return the events of any of the names, from a moment to before another one, that satisfy all groups.

    The name None stands for all that are not about tickets.

    Columns: id, event, distinct_id, timestamp, properties; with an actor also `person_id` (NULL where nobody is known) and
    `actor`; with a person also `person_properties`. A store reads only what the outer statement uses. Served by
    ix_event_named, or by ix_event_project_id_timestamp_id for all names.
    """
    with_person = with_person or needs_person(*groups)
    shown: list[Any] = [event.c.id, event.c.event, event.c.distinct_id, event.c.timestamp, event.c.properties]
    source: Any = event
    if with_actor or with_person:
        source = source.outerjoin(person_distinct_id, _OWNER)
        shown += [
            person_distinct_id.c.person_id,
            actor_of(person_distinct_id.c.person_id, event.c.distinct_id).label("actor"),
        ]
    if with_person:
        source = source.outerjoin(person, _PERSON)
        shown.append(person.c.properties.label("person_properties"))
    columns = PropertyColumns(event.c.properties, person.c.properties)
    found = select(*shown).select_from(source).where(event.c.project_id == project_id, _named(names))
    start, end = between
    if start is not None:
        found = found.where(event.c.timestamp >= start)
    if end is not None:
        found = found.where(event.c.timestamp < end)
    return found.where(*(condition_of(one, columns, as_of) for one in groups if one.values)).subquery()


async def earliest_of(source: EventSource, project_id: int, dates: DateRange) -> datetime | None:
    """Return when the project's first event happened, for dates that are `all`; None for others, and without events.

    Served by ix_event_project_id_timestamp_id.
    """
    if dates.date_from != "all":
        return None
    first = select(func.min(event.c.timestamp)).where(event.c.project_id == project_id)
    # Of no rows, ClickHouse's least moment is 1970.
    rows = await source.rows(first.having(func.count() > 0))
    earliest: datetime | None = rows[0][0] if rows else None
    return earliest


_OWNER = and_(
    person_distinct_id.c.project_id == event.c.project_id,
    person_distinct_id.c.distinct_id == event.c.distinct_id,
)
_PERSON = and_(
    person.c.project_id == person_distinct_id.c.project_id, person.c.id == person_distinct_id.c.person_id
)


def _named(names: Sequence[str | None]) -> Any:
    known = sorted({name for name in names if name is not None})
    if None not in names:
        return event.c.event == known[0] if len(known) == 1 else event.c.event.in_(known)
    of_ticket = [name for name in known if name.startswith(RESERVED)]
    return or_(~IS_OF_TICKET, event.c.event.in_(of_ticket)) if of_ticket else ~IS_OF_TICKET
