"""The form that shows a stored query, where there is one that loses nothing of it."""

from typing import Any

import msgspec
from msgspec.structs import replace

from parley.analytics.insight_pages.rules.choices import CUSTOM, LIFECYCLES, PERIODS
from parley.analytics.insight_pages.rules.forms import (
    ALL_EVENTS,
    ConditionForm,
    ExclusionForm,
    InsightForm,
    SeriesForm,
)
from parley.analytics.insight_pages.rules.questions import UNIT, query_of
from parley.analytics.query_schema.kinds import (
    EventsQuery,
    FunnelsFilter,
    FunnelsQuery,
    LifecycleFilter,
    LifecycleQuery,
    Query,
    RetentionEntity,
    RetentionQuery,
    StickinessQuery,
    TrendsQuery,
)
from parley.analytics.query_schema.period import DEFAULT_FROM
from parley.analytics.query_schema.reading import normal, read_query
from parley.analytics.query_schema.schemas import CompareFilter, EventsNode, PropertyFilter, PropertyGroup
from parley.kernel.errors import Invalid


def editable_form(raw: Any, name: str = "", description: str = "") -> InsightForm | None:
    """Return the form of a stored query; None where the form can't say all of it."""
    try:
        query = read_query(raw)
        form = replace(form_of(query, raw), name=name, description=description)
        return form if _meaning(read_query(query_of(form))) == _meaning(query) else None
    except Invalid:
        return None


def _meaning(query: Query) -> bytes:
    """Return the same bytes for queries of which the form needn't tell apart how they are written."""
    query = replace(query, properties=_plain(query.properties))
    if isinstance(query, EventsQuery):
        return normal(query)
    if query.date_range.date_from is None:
        query = replace(query, date_range=replace(query.date_range, date_from=DEFAULT_FROM))
    if isinstance(query, RetentionQuery):
        how = query.retention_filter
        unnamed = {name: _unnamed(getattr(how, name)) for name in ("target_entity", "returning_entity")}
        return normal(replace(query, retention_filter=replace(how, **unnamed)))
    series = tuple(
        replace(node, name=None, properties=_plain(node.properties), custom_name=node.custom_name or None)
        for node in query.series
    )
    query = replace(query, series=series)
    if isinstance(query, TrendsQuery):
        how_shown = replace(
            query.trends_filter, formula=None, formulas=(), formula_nodes=query.trends_filter.every_formula
        )
        return normal(replace(query, trends_filter=how_shown))
    if isinstance(query, FunnelsQuery):
        return normal(replace(query, funnels_filter=_with_all_steps(query)))
    if isinstance(query, LifecycleQuery):
        states = query.lifecycle_filter.toggled_lifecycles
        is_part = 0 < len(set(states)) < len(LIFECYCLES)
        in_order = tuple(sorted(set(states))) if is_part else ()
        return normal(replace(query, lifecycle_filter=LifecycleFilter(toggled_lifecycles=in_order)))
    return normal(query)


def _unnamed(entity: RetentionEntity) -> RetentionEntity:
    return replace(entity, name=None, properties=_plain(entity.properties))


def _with_all_steps(query: FunnelsQuery) -> FunnelsFilter:
    """Return how steps follow, with the steps of each exclusion, also where they are the first and the last one."""
    how, last = query.funnels_filter, len(query.series) - 1
    exclusions = tuple(
        replace(
            one,
            name=None,
            properties=_plain(one.properties),
            custom_name=None,
            funnel_from_step=one.funnel_from_step or 0,
            funnel_to_step=last if one.funnel_to_step is None else one.funnel_to_step,
        )
        for one in how.exclusions
    )
    return replace(how, exclusions=exclusions)


def _plain(group: PropertyGroup) -> PropertyGroup:
    """Return the same conditions without groups that hold one thing, or stand in one of their own kind."""
    values: list[Any] = []
    for one in group.values:
        found = _plain(one) if isinstance(one, PropertyGroup) else _as_texts(one)
        is_same = isinstance(found, PropertyGroup) and (found.type == group.type or len(found.values) < 2)
        values += found.values if is_same else [found]
    return PropertyGroup("AND" if len(values) < 2 else group.type, tuple(values))


def _as_texts(one: PropertyFilter) -> PropertyFilter:
    return replace(one, value=[_text(value) for value in one.values])


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def form_of(query: Query, raw: Any = None) -> InsightForm:
    """Return the form that shows a query. It may say less than the query: `query_of` then returns another one."""
    shown: dict[str, Any] = {"kind": type(query).__name__, **_dates(query)}
    conditions = _conditions(query.properties, None)
    shown["match"] = _plain(query.properties).type
    match query:
        case RetentionQuery(retention_filter=how):
            shown |= {"retention_type": how.retention_type, "retention_period": how.period}
            shown |= {"n_intervals": str(how.total_intervals)}
            shown["series"] = (SeriesForm(event=how.target_entity.id or ALL_EVENTS),)
            shown["returning"] = how.returning_entity.id or ALL_EVENTS
            conditions += _conditions(how.target_entity.properties, 0)
            conditions += _conditions(how.returning_entity.properties, 1)
        case EventsQuery(event=event, select=select):
            shown |= {"series": (SeriesForm(event=event or ALL_EVENTS),), "columns": ", ".join(select)}
        case _:
            shown |= {"interval": query.interval, "series": tuple(map(_series_of, query.series))}
            conditions += [
                one for n, node in enumerate(query.series) for one in _conditions(node.properties, n)
            ]
            shown |= _own_parts(query, raw)
    return InsightForm(**shown, conditions=tuple(conditions))


def _own_parts(
    query: TrendsQuery | FunnelsQuery | LifecycleQuery | StickinessQuery, raw: Any
) -> dict[str, Any]:
    match query:
        case TrendsQuery(trends_filter=how):
            formulas = "; ".join(one.formula for one in how.every_formula)
            shown = {"display": how.display, "formula": formulas, "unit": _unit(raw)}
            return shown | _breakdown(query) | _compared(query.compare_filter)
        case FunnelsQuery(funnels_filter=how):
            window = {
                "window": str(how.funnel_window_interval),
                "window_unit": how.funnel_window_interval_unit,
            }
            looks = {"order": how.funnel_order_type, "view": how.funnel_viz_type}
            exclusions = tuple(map(_exclusion_of, how.exclusions))
            return looks | window | _breakdown(query) | {"exclusions": exclusions}
        case LifecycleQuery(lifecycle_filter=how):
            chosen = how.toggled_lifecycles
            return {"lifecycles": tuple(one for one in LIFECYCLES if one in chosen)}
    return _compared(query.compare_filter)


def _compared(how: CompareFilter) -> dict[str, str]:
    return {"compare": how.compare_to or "before"} if how.compare else {}


def _exclusion_of(node: EventsNode) -> ExclusionForm:
    first, last = node.funnel_from_step, node.funnel_to_step
    return ExclusionForm(
        event=node.event or ALL_EVENTS,
        first="" if first is None else str(first + 1),
        last="" if last is None else str(last + 1),
    )


def _unit(raw: Any) -> str:
    """Return what the numbers are, which only the looks of a query say."""
    source = raw.get("source", raw) if isinstance(raw, dict) else {}
    how = source.get("trendsFilter")
    found = how.get(UNIT) if isinstance(how, dict) else None
    return found if isinstance(found, str) else ""


def _dates(query: Query) -> dict[str, Any]:
    is_table = isinstance(query, EventsQuery)
    start, end = (query.after, query.before) if is_table else msgspec.structs.astuple(query.date_range)  # type: ignore[union-attr]
    known = start or ("" if is_table else DEFAULT_FROM)
    if end is None and known in PERIODS:
        return {"period": known}
    return {"period": CUSTOM, "date_from": start or "", "date_to": end or ""}


def _conditions(group: PropertyGroup, on: int | None) -> list[ConditionForm]:
    return [_condition_of(one, on) for one in _plain(group).values if isinstance(one, PropertyFilter)]


def _condition_of(one: PropertyFilter, on: int | None) -> ConditionForm:
    values = tuple(_text(value) for value in one.values) or ("",)
    return ConditionForm(key=one.key, operator=one.operator, values=values, owner=one.type, on=on)


def _breakdown(query: TrendsQuery | FunnelsQuery) -> dict[str, Any]:
    parts = query.breakdown_filter.parts
    return {"breakdown": parts[0].property, "breakdown_owner": parts[0].type} if parts else {}


def _series_of(node: EventsNode) -> SeriesForm:
    return SeriesForm(
        event=node.event or ALL_EVENTS,
        math=node.math,
        math_property=node.math_property or "",
        label=node.custom_name or "",
    )
