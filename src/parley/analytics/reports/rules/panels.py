"""What a report shows of one insight."""

from collections.abc import Sequence

import msgspec

from parley.analytics.charts.rules.chart import Cell, Chart
from parley.analytics.charts.rules.texts import LONGEST_LABEL, label, number

MOST_COLUMNS, FEW, LONGEST_OF_MANY = 7, 3, 24
MOST_ROWS = ((6, 25), (20, 12), (100, 6))
"""How many rows of a table are shown in a report of up to so many insights."""


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """An insight in a report: its chart, or what is wrong. `about` says dates and filters; `note` is about its picture."""

    name: str
    link: str
    about: Sequence[str] = ()
    chart: Chart | None = None
    problem: str | None = None
    content_id: str | None = None
    note: str | None = None


class ShownTable(msgspec.Struct, frozen=True):
    """A part of a table, as words; `more` says what isn't shown."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: str | None


def rows_shown(panels: int) -> int:
    """Return how many rows of each table a report of so many insights shows."""
    return next((rows for most, rows in MOST_ROWS if panels <= most), MOST_ROWS[-1][1])


def shown_table(chart: Chart, most_rows: int, most_columns: int = MOST_COLUMNS) -> ShownTable | None:
    """Return the table of a chart, cut to a size that is read in a mail; None where there is nothing to see."""
    table = chart.table
    if not table.rows or chart.is_empty:
        return None
    longest = LONGEST_OF_MANY if len(table.columns) > FEW else LONGEST_LABEL
    left_out = (
        _left_out(len(table.rows) - most_rows, "earlier row" if table.is_over_time else "row"),
        _left_out(len(table.columns) - most_columns, "column"),
    )
    more = " and ".join(one for one in left_out if one)
    rows = table.rows[-most_rows:] if table.is_over_time else table.rows[:most_rows]
    return ShownTable(
        [label(name, longest) for name in table.columns[:most_columns]],
        [[cell_text(value) for value in row[:most_columns]] for row in rows],
        f"{more} more" if more else None,
    )


def _left_out(count: int, name: str) -> str:
    return "" if count < 1 else f"{count:,} {name}{'s' if count > 1 else ''}"


def cell_text(value: Cell) -> str:
    """Return a value of a table for people, on one line."""
    if value is None:
        return ""
    return label(value) if isinstance(value, str) else number(value)
