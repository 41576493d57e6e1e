"""Rows of steps: the events of a funnel, each with which steps it may be and which value of the breakdown counts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, Integer, Subquery, and_, case, func, literal, or_, select

from parley.analytics.event_source.conditions import AsOf, PropertyColumns, condition_of, needs_person
from parley.analytics.event_source.functions import microseconds, property_text
from parley.analytics.event_source.queries import events_of
from parley.analytics.funnels.functions import has_bit
from parley.analytics.funnels.rules import NOT_SET
from parley.analytics.query_schema.kinds import FunnelsQuery
from parley.analytics.query_schema.period import Period
from parley.analytics.query_schema.schemas import EventsNode, PropertyGroup
from parley.kernel.sql_functions.aggregates import bucket
from parley.people.events.rules.events import RESERVED


def steps_of(
    project_id: int,
    query: FunnelsQuery,
    period: Period,
    as_of: AsOf,
    *,
    with_bucket: bool = False,
    distinct_ids: Sequence[str] | None = None,
) -> CTE:
    """Return actor, at, mask and barred of the events of a funnel, with v0, v1, ... for each part of its breakdown.

    With a bucket the number of the interval, too; with `distinct_ids` only their events. In a strict funnel all events of
    the period are there, but those about tickets that are no step.
    """
    found = _events(project_id, query, period, as_of, is_of_few=distinct_ids is not None)
    columns = PropertyColumns(found.c.properties, found.c.get("person_properties"))
    conditions = [_is(node, found, columns, as_of) for node in query.series]
    bars = [_is(node, found, columns, as_of) for node in query.funnels_filter.exclusions]
    values = [
        property_text(columns.person if part.type == "person" else columns.event, part.property).label(
            f"v{n}"
        )
        for n, part in enumerate(query.breakdown_filter.parts)
    ]
    shown: list[Any] = [
        found.c.id,
        found.c.actor,
        microseconds(found.c.timestamp).label("at"),
        _mask(conditions).label("mask"),
        case((or_(*conditions), 0), else_=_mask(bars)).label("barred"),
        *values,
    ]
    if with_bucket:
        shown.append(bucket(found.c.timestamp, period.edges).label("bucket"))
    is_strict = query.funnels_filter.funnel_order_type == "strict"
    is_kept = or_(*conditions, ~_is_of_ticket(found)) if is_strict else or_(*conditions, *bars)
    events = select(*shown).where(is_kept)
    if distinct_ids is not None:
        events = events.where(found.c.distinct_id.in_(distinct_ids))
    rows = events.cte("events")
    return _attributed(rows, query, with_bucket=with_bucket) if values else rows


def value_names(query: FunnelsQuery) -> list[str]:
    """The columns that hold the values of the breakdown."""
    return [f"v{n}" for n in range(len(query.breakdown_filter.parts))]


def _events(
    project_id: int, query: FunnelsQuery, period: Period, as_of: AsOf, *, is_of_few: bool
) -> Subquery:
    nodes = (*query.series, *query.funnels_filter.exclusions)
    names: list[str | None] = [node.event for node in nodes]
    if is_of_few or query.funnels_filter.funnel_order_type == "strict":
        names.append(
            None
        )  # SQLite would rather read all events of the steps than those of a few distinct ids
    groups: Sequence[PropertyGroup] = [node.properties for node in nodes]
    is_by_person = any(part.type == "person" for part in query.breakdown_filter.parts)
    return events_of(
        project_id,
        names,
        (period.start, period.end),
        [query.properties],
        as_of,
        with_actor=True,
        with_person=is_by_person or needs_person(*groups),
    )


def _is_of_ticket(found: Subquery) -> ColumnElement[bool]:
    return func.substr(found.c.event, 1, len(RESERVED)) == RESERVED


def _is(node: EventsNode, found: Subquery, columns: PropertyColumns, as_of: AsOf) -> ColumnElement[bool]:
    named = ~_is_of_ticket(found) if node.event is None else found.c.event == node.event
    return and_(named, condition_of(node.properties, columns, as_of)) if node.properties.values else named


def _mask(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[int]:
    bits = (case((one, 2**n), else_=0) for n, one in enumerate(conditions))
    return sum(bits, literal(0, Integer))


def _attributed(events: CTE, query: FunnelsQuery, *, with_bucket: bool) -> CTE:
    """The same rows with the value that counts for their actor; what isn't set is NOT_SET."""
    values = [events.c[name] for name in value_names(query)]
    kept = [events.c.actor, events.c.at, events.c.mask, events.c.barred]
    if with_bucket:
        kept.append(events.c.bucket)
    attribution = query.funnels_filter.breakdown_attribution_type
    if attribution == "all_events":
        own = [func.coalesce(value, NOT_SET).label(value.name) for value in values]
        return select(*kept, *own).cte("attributed")
    step = query.funnels_filter.breakdown_attribution_value or 0
    may_count = (
        has_bit(events.c.mask, literal(2**step, Integer)) if attribution == "step" else events.c.mask != 0
    )
    counts = and_(may_count, or_(*(value.is_not(None) for value in values)))
    order: list[Any] = [case((counts, 0), else_=1), events.c.at, events.c.id]
    if attribution == "last_touch":
        order[1:] = [events.c.at.desc(), events.c.id.desc()]
    touched = [
        func.coalesce(
            func.first_value(case((counts, value))).over(partition_by=events.c.actor, order_by=order), NOT_SET
        ).label(value.name)
        for value in values
    ]
    return select(*kept, *touched).cte("attributed")
