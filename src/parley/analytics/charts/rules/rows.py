"""The numbers of a chart as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.analytics.charts.rules.chart import Cell, ChartTable
from parley.analytics.charts.rules.dates import long_date, moment
from parley.analytics.charts.rules.series import Series
from parley.analytics.charts.rules.units import Unit

COLUMNS = {
    "*": "Event with its properties",
    "distinct_id": "Distinct id",
    "event": "Event",
    "id": "Id",
    "person": "Person",
    "properties": "Properties",
    "timestamp": "Time",
    "uuid": "Id",
}
"""What people call the columns of a table of events."""


def numbers_over_time(lines: Sequence[Series], days: Sequence[str]) -> ChartTable:
    """Return a row for each bucket and a column for each line."""
    rows = tuple(
        (long_date(day), *(line.values[n] if n < len(line.values) else None for line in lines))
        for n, day in enumerate(days)
    )
    return ChartTable(("When", *(line.full_name for line in lines)), rows, is_over_time=True)


def numbers_by_days_active(lines: Sequence[Series], labels: Sequence[str], interval: str) -> ChartTable:
    """Return a row for each number of days, weeks, ... on which people were active, and a column for each line."""
    made = numbers_over_time(lines, labels)
    return ChartTable((f"{interval.capitalize()}s active", *made.columns[1:]), made.rows)


def numbers_in_total(lines: Sequence[Series], unit: Unit) -> ChartTable:
    """Return a row for each line with its number."""
    return ChartTable(("What", "Value"), tuple((line.full_name, line.total) for line in lines))


def rows_of_events(columns: Sequence[str], rows: Sequence[Any]) -> ChartTable:
    """Return the rows of a table of events, with moments in UTC; what is structured is shown as JSON."""
    is_time = [name == "timestamp" for name in columns]
    return ChartTable(
        tuple(_column(one) for one in columns),
        tuple(
            tuple(
                _moment(one) if n < len(is_time) and is_time[n] else _cell(one) for n, one in enumerate(row)
            )
            for row in rows
            if isinstance(row, list | tuple)
        ),
    )


def _column(name: str) -> str:
    for prefix in ("properties.", "person.properties."):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return COLUMNS.get(name, name)


def _moment(value: Any) -> Cell:
    """Return a moment as people and spreadsheets read it: `2026-11-22 09:30:00 UTC`."""
    at = moment(value) if isinstance(value, str) and value.endswith(("Z", "+00:00")) else None
    return _cell(value) if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _cell(value: Any) -> Cell:
    if value is None or (isinstance(value, int | float | str) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        known = value.get("event") or value.get("name") or value.get("distinct_id")
        if isinstance(known, str):
            return known
    return msgspec.json.encode(value).decode()
