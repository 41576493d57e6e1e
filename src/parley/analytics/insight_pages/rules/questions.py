"""The query that a form means, in PostHog's words."""

from collections.abc import Mapping
from typing import Any

import msgspec

from parley.analytics.insight_pages.rules.choices import CUSTOM, LIFECYCLES, ONE_VALUE, WITHOUT_VALUE
from parley.analytics.insight_pages.rules.forms import ALL_EVENTS, ConditionForm, InsightForm, SeriesForm
from parley.analytics.query_schema import kinds
from parley.analytics.query_schema.schemas import PROPERTY_MATH, TrendsFilter

UNIT = "aggregationAxisFormat"
FILTERS: Mapping[str, Any] = {
    "trendsFilter": TrendsFilter,
    "funnelsFilter": kinds.FunnelsFilter,
    "retentionFilter": kinds.RetentionFilter,
    "lifecycleFilter": kinds.LifecycleFilter,
    "stickinessFilter": kinds.StickinessFilter,
}
"""Where a query says how it is computed and also, in keys that the structs don't have, how it looks."""


def query_of(form: InsightForm, stored: Any = None) -> dict[str, Any]:
    """Return the query of a form; whether it can be answered, `read_query` says.

    What the stored one says about its looks, and the form doesn't know, stays.
    """
    if form.kind == "EventsQuery":
        return _dressed({"kind": "DataTableNode", "source": _table(form)}, stored)
    source: dict[str, Any] = {"kind": form.kind, "dateRange": _dates(form)}
    if form.conditions_on(None):
        source["properties"] = _everywhere(form)
    return _dressed({"kind": "InsightVizNode", "source": source | _PARTS[form.kind](form)}, stored)


def _dressed(query: dict[str, Any], stored: Any) -> dict[str, Any]:
    if not isinstance(stored, dict):
        return query
    wrapper = stored if isinstance(stored.get("source"), dict) else {}
    before, source = wrapper.get("source", stored), query["source"]
    if before.get("kind") != source["kind"]:
        return query
    for name, struct in FILTERS.items():
        known = {field.encode_name for field in msgspec.structs.fields(struct)} | {UNIT}
        looks = before.get(name)
        more = (
            {key: value for key, value in looks.items() if key not in known}
            if isinstance(looks, dict)
            else {}
        )
        if more:
            source = {**source, name: {**more, **source.get(name, {})}}
    return {**wrapper, **query, "source": source}


def _dates(form: InsightForm) -> dict[str, Any]:
    if form.period != CUSTOM:
        return {"date_from": form.period}
    return {name: value for name in ("date_from", "date_to") if (value := getattr(form, name))}


def _conditions(form: InsightForm, row: int | None) -> list[dict[str, Any]]:
    return [_condition(form.conditions[n]) for n in form.conditions_on(row)]


def _everywhere(form: InsightForm) -> Any:
    """Return the conditions about all events: a list where all must hold."""
    conditions = _conditions(form, None)
    return conditions if form.match == "AND" else {"type": form.match, "values": conditions}


def _condition(one: ConditionForm) -> dict[str, Any]:
    said: dict[str, Any] = {"key": one.key, "operator": one.operator, "type": one.owner}
    if one.operator in WITHOUT_VALUE:
        return said
    values = [value for value in one.values if value] or [""]
    return {**said, "value": values[0] if one.operator in ONE_VALUE or len(values) == 1 else values}


def _nodes(form: InsightForm, *, is_counted: bool) -> list[dict[str, Any]]:
    return [_node(form, n, is_counted=is_counted) for n in form.chosen]


def _node(form: InsightForm, n: int, *, is_counted: bool) -> dict[str, Any]:
    one = form.series[n]
    node: dict[str, Any] = {"kind": "EventsNode", "event": _event(one.event)}
    if one.label:
        node["custom_name"] = one.label
    if conditions := _conditions(form, n):
        node["properties"] = conditions
    return {**node, **_math(one)} if is_counted else node


def _event(name: str) -> str | None:
    return None if name == ALL_EVENTS else name


def _math(one: SeriesForm) -> dict[str, Any]:
    has_property = one.math in PROPERTY_MATH and one.math_property
    return {"math": one.math, **({"math_property": one.math_property} if has_property else {})}


def _breakdown(form: InsightForm) -> dict[str, Any]:
    if not form.breakdown:
        return {}
    return {"breakdownFilter": {"breakdown": form.breakdown, "breakdown_type": form.breakdown_owner}}


def _compared(form: InsightForm) -> dict[str, Any]:
    if not form.compare:
        return {}
    earlier = {"compare_to": form.compare} if form.compare != "before" else {}
    return {"compareFilter": {"compare": True, **earlier}}


def _trends(form: InsightForm) -> dict[str, Any]:
    how: dict[str, Any] = {"display": form.display}
    if formulas := [one.strip() for one in form.formula.split(";") if one.strip()]:
        how["formulas"] = formulas
    if form.unit:
        how[UNIT] = form.unit
    shown = {"series": _nodes(form, is_counted=True), "interval": form.interval, "trendsFilter": how}
    return {**shown, **_breakdown(form), **_compared(form)}


def _funnel(form: InsightForm) -> dict[str, Any]:
    return {
        "series": _nodes(form, is_counted=False),
        "interval": form.interval,
        "funnelsFilter": {
            "funnelOrderType": form.order,
            "funnelVizType": form.view,
            "funnelWindowInterval": _number(form.window),
            "funnelWindowIntervalUnit": form.window_unit,
            **({"exclusions": [_exclusion(form, n) for n in form.excluded]} if form.excluded else {}),
        },
        **_breakdown(form),
    }


def _exclusion(form: InsightForm, n: int) -> dict[str, Any]:
    one = form.exclusions[n]
    between = (("funnelFromStep", one.first), ("funnelToStep", one.last))
    steps = {name: _step(text) for name, text in between if text}
    return {"kind": "EventsNode", "event": _event(one.event), **steps}


def _step(text: str) -> int | str:
    """Return the number of a step as the query has it, which counts from 0."""
    number = _number(text)
    return number - 1 if isinstance(number, int) else number


def _retention(form: InsightForm) -> dict[str, Any]:
    target = form.series[form.chosen[0]].event if form.chosen else ALL_EVENTS
    return {
        "retentionFilter": {
            "retentionType": form.retention_type,
            "period": form.retention_period,
            "totalIntervals": _number(form.n_intervals),
            "targetEntity": _entity(form, target, 0),
            "returningEntity": _entity(form, form.returning, 1),
        }
    }


def _entity(form: InsightForm, event: str, row: int) -> dict[str, Any]:
    conditions = _conditions(form, row)
    return {"id": _event(event), "type": "events", **({"properties": conditions} if conditions else {})}


def _lifecycle(form: InsightForm) -> dict[str, Any]:
    shown = {"series": _nodes(form, is_counted=False), "interval": form.interval}
    is_part = 0 < len(form.lifecycles) < len(LIFECYCLES)
    return shown | ({"lifecycleFilter": {"toggledLifecycles": list(form.lifecycles)}} if is_part else {})


def _stickiness(form: InsightForm) -> dict[str, Any]:
    return {"series": _nodes(form, is_counted=True), "interval": form.interval, **_compared(form)}


def _table(form: InsightForm) -> dict[str, Any]:
    dates = {"date_from": "after", "date_to": "before"}
    return {
        "kind": kinds.EventsQuery.__name__,
        "select": [one.strip() for one in form.columns.split(",") if one.strip()] or ["*"],
        "event": _event(form.series[form.chosen[0]].event) if form.chosen else None,
        "properties": _everywhere(form),
        **{dates[name]: value for name, value in _dates(form).items()},
    }


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


_PARTS = {
    "TrendsQuery": _trends,
    "FunnelsQuery": _funnel,
    "RetentionQuery": _retention,
    "LifecycleQuery": _lifecycle,
    "StickinessQuery": _stickiness,
}
