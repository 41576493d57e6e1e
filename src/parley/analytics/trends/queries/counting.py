"""One statement for each series: how many events, persons or sessions, or what of a property, in each interval.

Served by ix_event_named (ix_event_project_id_timestamp_id for all names); what needs no properties reads the index alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from parley.analytics.event_source.conditions import AsOf, needs_person
from parley.analytics.event_source.functions import (
    actor_of,
    property_number,
    property_text,
)
from parley.analytics.event_source.queries import events_of
from parley.analytics.query_schema.schemas import PROPERTY_MATH, BreakdownFilter, EventsNode, PropertyGroup
from parley.analytics.trends.rules import NOT_SET, OTHER, ROLLING, SHARES, Values
from parley.kernel.sql_functions.aggregates import bucket, percentile
from parley.people.persons.tables import person_distinct_id

MAX_VALUE = 400
OF_PERSONS = frozenset(("dau", *ROLLING))
SESSION = "$session_id"


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted: the events of a series in each interval between edges, divided by the values of properties.

    `chosen` are the values that stand for themselves, None for the most frequent; others are one. `joins_each` says that
    the store finds the person of each event faster than it groups events first.
    """

    project_id: int
    node: EventsNode
    groups: tuple[PropertyGroup, ...]
    edges: tuple[datetime, ...]
    as_of: AsOf
    breakdown: BreakdownFilter
    chosen: tuple[Values, ...] | None = None
    joins_each: bool = False

    @property
    def with_person(self) -> bool:
        """Are properties of persons needed."""
        return needs_person(*self.groups) or any(one.type == "person" for one in self.breakdown.parts)

    @property
    def joins_actors(self) -> bool:
        """Are persons counted of the events themselves: with values these are grouped, to find the most frequent."""
        return self.joins_each and self.node.math in OF_PERSONS and not self.breakdown.parts

    @property
    def values(self) -> list[str]:
        """The names of the columns with the values of the breakdown."""
        return [f"v{n}" for n in range(len(self.breakdown.parts))]


def counting(counted: Counted) -> Select[Any]:
    """Return the statement, whose rows have the number of the interval, the values of the breakdown, and the number.

    Rolling maths give two numbers in front: the cell in which persons were active, and the next one in which they were.
    """
    placed = _placed(_cells(_asked(counted), counted), counted)
    if counted.node.math in OF_PERSONS:
        placed = _with_actors(placed, counted)
    values = [placed.c[name] for name in counted.values]
    if counted.node.math in ROLLING:
        return _followed(placed, values)
    number = _number(placed, counted.node.math)
    return select(placed.c.n, *values, number).group_by(placed.c.n, *values)


def _asked(counted: Counted) -> Subquery:
    """Return the events with what is counted of them."""
    found = events_of(
        counted.project_id,
        [counted.node.event],
        (counted.edges[0], counted.edges[-1]),
        counted.groups,
        counted.as_of,
        with_actor=counted.joins_actors,
        with_person=counted.with_person,
    )
    shown: list[Any] = [bucket(found.c.timestamp, counted.edges).label("n")]
    for name, part in zip(counted.values, counted.breakdown.parts, strict=True):
        properties = found.c.properties if part.type == "event" else found.c.person_properties
        text = func.substr(property_text(properties, part.property), 1, MAX_VALUE)
        shown.append(func.coalesce(func.nullif(text, ""), NOT_SET).label(name))
    math = counted.node.math
    if math in PROPERTY_MATH:
        shown.append(property_number(found.c.properties, counted.node.math_property or "").label("number"))
    elif math == "unique_session":
        shown.append(property_text(found.c.properties, SESSION).label("session"))
    elif math in OF_PERSONS:
        is_joined = counted.with_person or counted.joins_actors
        shown.append(found.c.actor if is_joined else found.c.distinct_id)
    return select(*shown).subquery("asked")


def _cells(asked: Subquery, counted: Counted) -> Any:
    """Return the events of each interval and value together, as far as the number can be had from sums of them."""
    math = counted.node.math
    values = [asked.c[name] for name in counted.values]
    if counted.joins_actors:
        return asked
    if math in SHARES:
        return select(*asked.c, literal(1).label("weight")).cte("cells")
    together = [asked.c.n, *values]
    if math == "unique_session" or math in OF_PERSONS:
        together.append(list(asked.c)[-1])
        return select(*together, func.count().label("weight")).group_by(*together).cte("cells")
    if math == "total":
        return select(*together, func.count().label("weight")).group_by(*together).cte("cells")
    number = asked.c.number
    weight = func.coalesce(func.sum(number), 0) if math == "sum" else func.count()
    return (
        select(
            *together,
            weight.label("weight"),
            func.sum(number).label("sum"),
            func.count(number).label("count"),
            func.min(number).label("min"),
            func.max(number).label("max"),
        )
        .group_by(*together)
        .cte("cells")
    )


def _placed(cells: CTE, counted: Counted) -> Any:
    """Return the cells with the values that are shown: the chosen ones, and one for all others."""
    if not counted.values:
        return cells
    values = [cells.c[name] for name in counted.values]
    others = [column for column in cells.c if column.name not in counted.values]
    if counted.chosen is not None:
        same = [
            and_(*(column == one for column, one in zip(values, chosen, strict=True)))
            for chosen in counted.chosen
        ]
        is_shown: ColumnElement[bool] = or_(literal(1) == 0, *same)
        source: Any = cells
    else:
        weight = func.sum(cells.c.weight)
        most = select(*values).group_by(*values).order_by(weight.desc(), *values)
        ranked = most.limit(counted.breakdown.breakdown_limit).cte("ranked")
        source = cells.outerjoin(ranked, and_(*(column == ranked.c[column.name] for column in values)))
        is_shown = ranked.c[counted.values[0]].is_not(None)
    shown = [case((is_shown, column), else_=OTHER).label(column.name) for column in values]
    return select(*shown, *others).select_from(source).subquery("placed")


def _with_actors(placed: Any, counted: Counted) -> Any:
    """Return who was there; whose the distinct ids are is looked up once for each interval, unless it is known."""
    if counted.with_person or counted.joins_actors:
        return placed
    owned = and_(
        person_distinct_id.c.project_id == counted.project_id,
        person_distinct_id.c.distinct_id == placed.c.distinct_id,
    )
    actor = actor_of(person_distinct_id.c.person_id, placed.c.distinct_id).label("actor")
    values = [placed.c[name] for name in counted.values]
    return (
        select(placed.c.n, *values, actor)
        .select_from(placed.outerjoin(person_distinct_id, owned))
        .subquery("persons")
    )


def _followed(persons: Any, values: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Return how many persons were active in one cell, and then in another one (its number and 1, or 0 for none)."""
    active = select(persons.c.n, *values, persons.c.actor).distinct().subquery("active")
    own = [active.c[column.name] for column in values]
    after = func.lead(active.c.n + 1, 1, literal_column("0"))
    following = after.over(partition_by=[*own, active.c.actor], order_by=active.c.n)
    pairs = select(active.c.n, *own, following.label("following")).subquery("pairs")
    shown = [pairs.c.n, pairs.c.following, *(pairs.c[column.name] for column in values)]
    return select(*shown, func.count()).group_by(*shown)


def _number(placed: Any, math: str) -> ColumnElement[Any]:
    if math in SHARES:
        return percentile(SHARES[math], placed.c.number)
    if math == "total":
        return func.sum(placed.c.weight)
    if math == "unique_session":
        return func.count(placed.c.session.distinct())
    if math in OF_PERSONS:
        return func.count(placed.c.actor.distinct())
    if math == "avg":
        # PostgreSQL's own average fails on the squares of large numbers. Without a number the sum is NULL, and so is this.
        return func.sum(placed.c.sum) / func.sum(placed.c.count)
    if math == "sum":
        return func.sum(placed.c.sum)
    return func.min(placed.c.min) if math == "min" else func.max(placed.c.max)
