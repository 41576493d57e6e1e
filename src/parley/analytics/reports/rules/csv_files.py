"""The numbers of an insight as a file."""

import re

from parley.analytics.charts.rules.chart import ChartTable
from parley.analytics.charts.rules.texts import distinct
from parley.kernel.text.csv_cells import csv_file

NOT_IN_NAMES = re.compile(r"[^\w.-]+")


def csv_of(table: ChartTable) -> bytes:
    """Return all rows of a table. A text of a stranger is never a formula."""
    return csv_file([table.columns, *table.rows])


def file_names(names: list[str], extension: str) -> list[str]:
    """Return a name of a file for each of these names of insights, each of them once."""
    plain = [NOT_IN_NAMES.sub("-", name).strip("-._")[:60] or "insight" for name in names]
    return [f"{name.replace(' ', '-')}.{extension}" for name in distinct(plain)]
