"""What a query breaks although each of its parts is well-formed."""

from collections.abc import Iterator
from typing import Any

from parley.analytics.query_schema.dates import check_date, check_span
from parley.analytics.query_schema.formulas import check_formula
from parley.analytics.query_schema.funnel_checks import check_funnel
from parley.analytics.query_schema.kinds import (
    EventsQuery,
    FunnelsQuery,
    InsightQuery,
    LifecycleQuery,
    Query,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from parley.analytics.query_schema.schemas import (
    PROPERTY_MATH,
    BreakdownFilter,
    EventsNode,
    PropertyFilter,
    PropertyGroup,
)
from parley.analytics.query_schema.ticket_events import CHARTABLE, is_of_ticket
from parley.kernel.errors import Invalid

COUNTED_BY_PERSON = ("total", "dau")
"""The maths of kinds that always count persons, whatever is said."""


def check_query(query: Query, raw: dict[str, Any], attr: str) -> None:
    """Raise Invalid for the first of these problems; `raw` is the query as it was sent."""
    if isinstance(query, EventsQuery):
        check_date(query.after, f"{attr}__after", may_be_all=True)
        check_date(query.before, f"{attr}__before")
        return
    check_date(query.date_range.date_from, f"{attr}__dateRange__date_from", may_be_all=True)
    check_date(query.date_range.date_to, f"{attr}__dateRange__date_to")
    if isinstance(query, (TrendsQuery, StickinessQuery)) and query.compare_filter.compare_to:
        check_span(query.compare_filter.compare_to, f"{attr}__compareFilter__compare_to")
    _check_left_out(query, raw, attr)
    if isinstance(query, TrendsQuery):
        _check_formulas(query, attr)
    if isinstance(query, FunnelsQuery):
        check_funnel(query, f"{attr}__funnelsFilter")
    if isinstance(query, RetentionQuery):
        _check_retention(query, raw, attr)
    else:
        _check_series(query, raw, attr)


def _check_left_out(query: InsightQuery, raw: dict[str, Any], attr: str) -> None:
    """Refuse a part that other kinds have, and that would change the answer."""
    divided, compared = raw.get("breakdownFilter"), raw.get("compareFilter")
    if not isinstance(query, (TrendsQuery, FunnelsQuery)) and isinstance(divided, dict):
        for name in ("breakdown", "breakdowns"):
            if divided.get(name):
                raise _not_here(query, f"{attr}__breakdownFilter__{name}")
    is_compared = isinstance(compared, dict) and compared.get("compare")
    if is_compared and not isinstance(query, (TrendsQuery, StickinessQuery)):
        raise _not_here(query, f"{attr}__compareFilter__compare")


def _not_here(query: InsightQuery, attr: str) -> Invalid:
    return Invalid(f"A {type(query).__name__} doesn't have this. Leave it out.", attr=attr)


def _check_formulas(query: TrendsQuery, attr: str) -> None:
    asked, place = query.trends_filter, f"{attr}__trendsFilter__"
    for n, node in enumerate(asked.every_formula):
        if asked.formula_nodes:
            where = f"{place}formulaNodes__{n}__formula"
        else:
            where = f"{place}formulas__{n}" if asked.formulas else f"{place}formula"
        check_formula(node.formula, len(query.series), where)


def _check_retention(query: RetentionQuery, raw: dict[str, Any], attr: str) -> None:
    asked = query.retention_filter
    entities = (("targetEntity", asked.target_entity), ("returningEntity", asked.returning_entity))
    for name, entity in entities:
        if is_of_ticket(entity.id):
            path = ("retentionFilter", name, "properties")
            _check_keys(entity.properties, _place(raw, attr, *path))
            _check_keys(query.properties, _place(raw, attr, "properties"))


def _check_series(
    query: TrendsQuery | FunnelsQuery | LifecycleQuery | StickinessQuery, raw: dict[str, Any], attr: str
) -> None:
    for path, node in _nodes_of(query):
        place = "__".join((attr, *map(str, path)))
        if not isinstance(query, TrendsQuery) and node.math not in COUNTED_BY_PERSON:
            detail = f"Possible are {', '.join(COUNTED_BY_PERSON)}."
            raise Invalid(detail, code="invalid_choice", attr=f"{place}__math")
        _check_math(node, place)
        if is_of_ticket(node.event):
            _check_keys(node.properties, _place(raw, attr, *path, "properties"))
            if node.math in PROPERTY_MATH and node.math_property not in CHARTABLE:
                raise _not_chartable(f"{place}__math_property")
            _check_keys(query.properties, _place(raw, attr, "properties"))
            if isinstance(query, (TrendsQuery, FunnelsQuery)):
                _check_breakdown(query.breakdown_filter, f"{attr}__breakdownFilter")


def _nodes_of(query: Any) -> Iterator[tuple[tuple[Any, ...], EventsNode]]:
    """Yield what is counted, with its path: the series, and the exclusions of a funnel."""
    for n, node in enumerate(query.series):
        yield ("series", n), node
    if isinstance(query, FunnelsQuery):
        for n, node in enumerate(query.funnels_filter.exclusions):
            yield ("funnelsFilter", "exclusions", n), node


def _place(raw: Any, attr: str, *path: Any) -> str:
    """Return the place of a list of conditions: they stand in `values` where it was sent as a group."""
    for part in path:
        raw = raw[part] if isinstance(raw, list) else (raw or {}).get(part)
        attr = f"{attr}__{part}"
    return f"{attr}__values" if isinstance(raw, dict) else attr


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
