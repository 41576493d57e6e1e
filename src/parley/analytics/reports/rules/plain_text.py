"""A report as plain text, for people without HTML, and for those who have it read aloud."""

from collections.abc import Sequence

from parley.analytics.reports.rules.panels import Panel, ShownTable, rows_shown, shown_table

WIDEST = 32
"""A column takes so many letters at most."""


def text_of(heading: str, link: str, notes: Sequence[str], panels: Sequence[Panel]) -> str:
    """Return a report as text, without the end that differs from recipient to recipient."""
    most_rows = rows_shown(len(panels))
    parts = [f"{heading}\n{link}", *notes, *(_panel(one, most_rows) for one in panels)]
    return "\n\n".join(parts) + "\n"


def _panel(panel: Panel, most_rows: int) -> str:
    lines = [panel.name, "-" * min(len(panel.name), 70), *panel.about]
    if panel.problem:
        lines.append(f"There is no answer: {panel.problem}")
    elif panel.chart is not None:
        lines.append(panel.chart.alt)
        table = shown_table(panel.chart, most_rows)
        lines += _lines(table) if table else []
    return "\n".join([*lines, panel.link])


def _lines(table: ShownTable) -> list[str]:
    grid = [[_cut(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(len(row[n]) if n < len(row) else 0 for row in grid) for n in range(len(table.columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in grid
    ]
    return ["", *lines, *([f"... and {table.more}"] if table.more else []), ""]


def _cut(cell: str) -> str:
    return cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…"
