"""What a query breaks although each of its parts is well-formed."""

from collections.abc import Iterator

from parley.analytics.query_schema.kinds import EventsQuery, FunnelsQuery, Query, RetentionQuery, TrendsQuery
from parley.analytics.query_schema.schemas import (
    PROPERTY_MATH,
    BreakdownFilter,
    EventsNode,
    PropertyFilter,
    PropertyGroup,
)
from parley.analytics.query_schema.ticket_events import CHARTABLE, is_of_ticket
from parley.kernel.errors import Invalid


def check_query(query: Query, attr: str) -> None:
    """Raise Invalid for the first of these problems."""
    if isinstance(query, EventsQuery):
        return
    if isinstance(query, RetentionQuery):
        entities = {
            "targetEntity": query.retention_filter.target_entity,
            "returningEntity": query.retention_filter.returning_entity,
        }
        for name, entity in entities.items():
            if is_of_ticket(entity.id):
                _check_keys(entity.properties, f"{attr}__retentionFilter__{name}__properties")
                _check_keys(query.properties, f"{attr}__properties")
        return
    for n, node in enumerate(query.series):
        place = f"{attr}__series__{n}"
        _check_math(node, place)
        if is_of_ticket(node.event):
            _check_ticket_node(node, place)
            _check_keys(query.properties, f"{attr}__properties")
            if isinstance(query, (TrendsQuery, FunnelsQuery)):
                _check_breakdown(query.breakdown_filter, f"{attr}__breakdownFilter")


def filters_in(group: PropertyGroup, attr: str) -> Iterator[tuple[PropertyFilter, str]]:
    """Yield each condition of a tree with its place."""
    for n, one in enumerate(group.values):
        if isinstance(one, PropertyGroup):
            yield from filters_in(one, f"{attr}__{n}__values")
        else:
            yield one, f"{attr}__{n}"


def _check_math(node: EventsNode, attr: str) -> None:
    if node.math in PROPERTY_MATH and node.math_property is None:
        raise Invalid(
            f"math {node.math} needs the name of a property.", code="required", attr=f"{attr}__math_property"
        )


def _check_ticket_node(node: EventsNode, attr: str) -> None:
    _check_keys(node.properties, f"{attr}__properties")
    if node.math in PROPERTY_MATH and node.math_property not in CHARTABLE:
        raise _not_chartable(f"{attr}__math_property")


def _check_keys(group: PropertyGroup, attr: str) -> None:
    for found, place in filters_in(group, attr):
        if found.type == "event" and found.key not in CHARTABLE:
            raise _not_chartable(f"{place}__key")


def _check_breakdown(found: BreakdownFilter, attr: str) -> None:
    for n, part in enumerate(found.parts):
        if part.type == "event" and part.property not in CHARTABLE:
            raise _not_chartable(
                f"{attr}__breakdowns__{n}__property" if found.is_multiple else f"{attr}__breakdown"
            )


def _not_chartable(attr: str) -> Invalid:
    return Invalid(
        f"Events of tickets show {', '.join(sorted(CHARTABLE))}.", code="invalid_choice", attr=attr
    )
