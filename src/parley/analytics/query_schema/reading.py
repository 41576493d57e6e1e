"""From the JSON of a query to its struct."""

from typing import Any

import msgspec

from parley.analytics.query_schema.checks import check_query
from parley.analytics.query_schema.filters import check_amount, read_properties
from parley.analytics.query_schema.kinds import INSIGHTS, TABLES, Query
from parley.analytics.query_schema.problems import problem_in, unknown_kind
from parley.analytics.query_schema.schemas import EventsNode
from parley.kernel.errors import Invalid

MAX_DEPTH = 20
WRAPPERS = {"InsightVizNode": INSIGHTS, "DataTableNode": TABLES}
_BY_KIND = {kind.__name__: kind for kind in (*INSIGHTS, *TABLES)}
_NOT_SUPPORTED = frozenset(
    (
        "aggregation_group_type_index",
        "aggregationProperty",
        "actionId",
        "breakdown_group_type_index",
        "breakdown_histogram_bin_count",
        "breakdown_normalize_url",
        "breakdown_path_cleaning",
        "conversionGoal",
        "cumulative",
        "daysOfWeek",
        "explicitDate",
        "fixedProperties",
        "funnelAggregateByHogQL",
        "group_type_index",
        "histogram_bin_count",
        "math_group_type_index",
        "math_hogql",
        "math_property_revenue_currency",
        "normalize_url",
        "optionalInFunnel",
        "personId",
        "retentionCustomBrackets",
        "stickinessCriteria",
        "where",
    )
)
"""What PostHog's queries may say and ours can't: left out, the answer would be another one."""
_ONLY: dict[str, tuple[Any, ...]] = {
    "aggregationType": ("count",),
    "intervalCount": (1,),
    "math_multiplier": (1,),
    "math_property_type": ("event_properties", "numerical_event_properties"),
    "minimumOccurrences": (1,),
    "samplingFactor": (1,),
    "smoothingIntervals": (1,),
    "timeWindowMode": ("strict_calendar_dates",),
}
"""The values that mean what is done here anyway."""


def read_query(raw: Any, attr: str = "query") -> Query:
    """Read a query, bare or in an `InsightVizNode` or `DataTableNode`.

    Raises Invalid at the exact place, such as `query__source__series__0__math`, with what is possible there.
    """
    if not isinstance(raw, dict):
        raise Invalid("Expected a dictionary of items.", attr=attr)
    kind = raw.get("kind")
    if isinstance(kind, str) and kind in WRAPPERS:
        attr, possible = f"{attr}__source", [one.__name__ for one in WRAPPERS[kind]]
        raw = raw.get("source")
        if not isinstance(raw, dict):
            raise Invalid("This field is required.", code="required", attr=attr)
        kind = raw.get("kind")
    else:
        possible = [*WRAPPERS, *_BY_KIND]
    if not isinstance(kind, str) or kind not in possible:
        raise unknown_kind(kind, possible, attr)
    return _read(_BY_KIND[kind], raw, attr)


def normal(query: Query) -> bytes:
    """Return the same bytes for queries that mean the same: without names of keys that count for nothing, in one order."""
    return msgspec.json.encode(query, order="sorted")


def _read(struct: Any, raw: dict[str, Any], attr: str) -> Query:
    check_amount(raw, attr)
    prepared = _prepared(raw, attr, 0)
    try:
        found: Query = msgspec.convert(prepared, struct)
    except msgspec.ValidationError as error:
        raise problem_in(struct, prepared, attr) from error
    check_query(found, raw, attr)
    return found


def _prepared(raw: dict[str, Any], attr: str, depth: int) -> dict[str, Any]:
    """Return the object without nulls and with its conditions read, which are a list or a tree."""
    if depth > MAX_DEPTH:
        raise Invalid("The query is nested too deeply.", attr=attr)
    prepared: dict[str, Any] = {}
    for name, value in raw.items():
        place = f"{attr}__{name}"[:300]
        if value is None:
            continue
        # A 0 is the number of a group type, not nothing.
        if name in _NOT_SUPPORTED and value is not False and value not in ("", [], {}):
            raise Invalid("This isn't supported. Leave it out.", attr=place)
        if name in _ONLY and (isinstance(value, bool) or value not in _ONLY[name]):
            raise Invalid(f"Only {_ONLY[name][0]} is supported. Leave it out.", attr=place)
        prepared[name] = read_properties(value, place) if name == "properties" else _part(value, place, depth)
    return prepared


def _part(value: Any, attr: str, depth: int) -> Any:
    if isinstance(value, dict):
        return _prepared(value, attr, depth + 1)
    if isinstance(value, list):
        _check_nodes(value, attr)
        return [_part(one, f"{attr}__{n}", depth + 1) for n, one in enumerate(value)]
    return value


def _check_nodes(values: list[Any], attr: str) -> None:
    """Refuse actions and tables of a warehouse as a series by their names, and series of some events only."""
    if attr.endswith(("__series", "__exclusions")):
        for n, one in enumerate(values):
            if isinstance(one, dict) and one.get("kind", EventsNode.__name__) != EventsNode.__name__:
                raise unknown_kind(one["kind"], [EventsNode.__name__], f"{attr}__{n}")
            if isinstance(one, dict) and one.get("limit") is not None:
                raise Invalid("A series counts all of its events. Leave it out.", attr=f"{attr}__{n}__limit")
