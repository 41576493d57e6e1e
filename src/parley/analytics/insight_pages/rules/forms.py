"""The form of an insight, as it was sent."""

from collections.abc import Mapping
from typing import Any

import msgspec

from parley.analytics.insight_pages.rules.choices import (
    CUSTOM,
    KINDS,
    LIFECYCLES,
    ONE_VALUE,
    WITH_PROPERTY,
    WITHOUT_VALUE,
)
from parley.kernel.http.body import FormValues
from parley.kernel.text.forms import storable

ALL_EVENTS = "*"
OTHER_EVENT = "+"
"""What is chosen to type the name of an event."""
MOST_SERIES, MOST_CONDITIONS, MOST_VALUES, MOST_EXCLUSIONS, LONGEST = 20, 20, 20, 10, 2000
COLUMNS = "timestamp, event, distinct_id, properties.$current_url"


class SeriesForm(msgspec.Struct, frozen=True, kw_only=True):
    """One row of events; `event` is a name, ALL_EVENTS, or empty while nothing is chosen."""

    event: str = ""
    math: str = "total"
    math_property: str = ""
    label: str = ""


class ConditionForm(msgspec.Struct, frozen=True, kw_only=True):
    """One condition on a property; `on` is the row of events that it is about, None for all of them."""

    key: str = ""
    operator: str = "exact"
    values: tuple[str, ...] = ("",)
    owner: str = "event"
    on: int | None = None


class ExclusionForm(msgspec.Struct, frozen=True, kw_only=True):
    """One event that nobody may do between two steps, which count from 1; an empty one is the first or the last step."""

    event: str = ""
    first: str = ""
    last: str = ""


class InsightForm(msgspec.Struct, frozen=True, kw_only=True):
    """All that the form says. What belongs to other kinds keeps its default."""

    name: str = ""
    description: str = ""
    kind: str = "TrendsQuery"
    series: tuple[SeriesForm, ...] = (SeriesForm(),)
    conditions: tuple[ConditionForm, ...] = ()
    match: str = "AND"
    exclusions: tuple[ExclusionForm, ...] = ()
    breakdown: str = ""
    breakdown_owner: str = "event"
    interval: str = "day"
    period: str = "-7d"
    date_from: str = ""
    date_to: str = ""
    compare: str = ""
    formula: str = ""
    display: str = "ActionsLineGraph"
    unit: str = ""
    order: str = "ordered"
    window: str = "14"
    window_unit: str = "day"
    view: str = "steps"
    lifecycles: tuple[str, ...] = ()
    returning: str = "$pageview"
    retention_type: str = "retention_first_time"
    retention_period: str = "Day"
    n_intervals: str = "8"
    columns: str = COLUMNS

    @property
    def chosen(self) -> list[int]:
        """The rows in which an event is chosen, as the query has them; some kinds take one alone."""
        rows = [n for n, one in enumerate(self.series) if one.event not in ("", OTHER_EVENT)]
        return rows[:1] if self.kind in ONE_ROW else rows

    @property
    def outline(self) -> str:
        """Which fields there are, whatever stands in them: when this changes, the form must be drawn anew."""
        counted = [f"{one.math in WITH_PROPERTY:d}{one.event == OTHER_EVENT:d}" for one in self.series]
        compared = [
            f"{one.operator in WITHOUT_VALUE:d}{one.operator in ONE_VALUE:d}" for one in self.conditions
        ]
        excluded = [f"{one.event == OTHER_EVENT:d}" for one in self.exclusions]
        other = f"{self.period == CUSTOM:d}{self.returning == OTHER_EVENT:d}"
        return " ".join((self.kind, other, *counted, "-", *compared, "-", *excluded))

    def conditions_on(self, row: int | None) -> list[int]:
        """The conditions about this row of events, or about all; one without anything in it is none yet."""
        return [n for n, one in enumerate(self.conditions) if (one.key or any(one.values)) and one.on == row]

    @property
    def excluded(self) -> list[int]:
        """The exclusions in which an event is chosen."""
        return [n for n, one in enumerate(self.exclusions) if one.event not in ("", OTHER_EVENT)]


ONE_ROW = ("LifecycleQuery", "RetentionQuery", "EventsQuery")
_TEXTS = tuple(
    field.name for field in msgspec.structs.fields(InsightForm) if field.type is str and field.name != "kind"
)


def read_form(fields: Mapping[str, Any]) -> InsightForm:
    """Return what was sent. Rows are numbered without gaps; what has no field here counts for nothing."""
    given = {name: _texts(value) for name, value in fields.items()}
    texts = {name: given[name][-1] for name in _TEXTS if name in given}
    kind = given.get("kind", [""])[-1]
    kind = kind if kind in KINDS else "TrendsQuery"
    series = tuple(_series(given, n) for n in range(MOST_SERIES) if f"event_{n}" in given)
    conditions = tuple(
        _condition(given, n, _n_rows(kind, len(series)))
        for n in range(MOST_CONDITIONS)
        if f"key_{n}" in given
    )
    exclusions = tuple(_exclusion(given, n) for n in range(MOST_EXCLUSIONS) if f"excluded_{n}" in given)
    return InsightForm(
        **texts,
        kind=kind,
        series=series or (SeriesForm(),),
        conditions=conditions,
        exclusions=exclusions,
        lifecycles=tuple(one for one in LIFECYCLES if one in given.get("lifecycles", ())),
    )


def _n_rows(kind: str, n_series: int) -> int:
    """Return how many rows of events there are that a condition can be about: retention has the target, and the return."""
    if kind == "RetentionQuery":
        return 2
    return 0 if kind in ONE_ROW else n_series


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, FormValues) else [str(value)]
    return [storable(one)[:LONGEST].strip() for one in values[:MOST_VALUES]]


def _series(given: Mapping[str, list[str]], n: int) -> SeriesForm:
    names = ("event", "math", "math_property", "label")
    return SeriesForm(**{name: given[f"{name}_{n}"][-1] for name in names if f"{name}_{n}" in given})


def _exclusion(given: Mapping[str, list[str]], n: int) -> ExclusionForm:
    names = {"event": "excluded", "first": "excluded_from", "last": "excluded_to"}
    said = {field: given[f"{name}_{n}"][-1] for field, name in names.items() if f"{name}_{n}" in given}
    return ExclusionForm(**said)


def _condition(given: Mapping[str, list[str]], n: int, n_series: int) -> ConditionForm:
    names = ("key", "operator", "owner")
    said = {name: given[f"{name}_{n}"][-1] for name in names if f"{name}_{n}" in given}
    on = given.get(f"on_{n}", [""])[-1]
    is_row = on.isascii() and on.isdigit() and len(on) < 3 and int(on) < n_series
    values = tuple(given.get(f"value_{n}", ("",)))
    return ConditionForm(**said, values=values, on=int(on) if is_row else None)
