"""The numbers of a chart as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.analytics.charts.rules.chart import Cell, ChartTable
from parley.analytics.charts.rules.dates import long_date
from parley.analytics.charts.rules.series import Series
from parley.analytics.charts.rules.units import Unit


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
    """Return the rows of a table of events; what is structured is shown as JSON."""
    return ChartTable(
        tuple(_column(one) for one in columns),
        tuple(tuple(_cell(one) for one in row) for row in rows if isinstance(row, list | tuple)),
    )


def _column(name: str) -> str:
    return name.removeprefix("properties.")


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
