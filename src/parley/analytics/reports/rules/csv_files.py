"""The numbers of an insight as a file."""

import csv
import io
import re

from parley.analytics.charts.rules.chart import Cell, ChartTable
from parley.analytics.charts.rules.texts import distinct
from parley.kernel.text.csv_cells import BYTE_ORDER_MARK, harmless_cell

NOT_IN_NAMES = re.compile(r"[^\w.-]+")


def csv_of(table: ChartTable) -> bytes:
    """Return all rows of a table as RFC 4180 has them. A text of a stranger is never a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([_harmless(name) for name in table.columns])
    writer.writerows([[_harmless(value) for value in row] for row in table.rows])
    return f"{BYTE_ORDER_MARK}{file.getvalue()}".encode()


def _harmless(value: Cell) -> Cell:
    if isinstance(value, str):
        return harmless_cell(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def file_names(names: list[str], extension: str) -> list[str]:
    """Return a name of a file for each of these names of insights, each of them once."""
    plain = [NOT_IN_NAMES.sub("-", name).strip("-._")[:60] or "insight" for name in names]
    return [f"{name.replace(' ', '-')}.{extension}" for name in distinct(plain)]
