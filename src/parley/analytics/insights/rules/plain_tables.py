"""Answers as plain tables, for whoever sees no chart."""

from collections.abc import Sequence
from typing import Any

import msgspec

MOST_ROWS = 1000


class PlainTable(msgspec.Struct, frozen=True):
    """A table: what stands above its columns, and its rows."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


def plain_table(kind: str | None, results: Any, columns: Sequence[str] | None = None) -> PlainTable | None:
    """Return an answer as a table, cut where it is long; None for one that is none, or is empty."""
    if not isinstance(results, list) or not results:
        return None
    if kind == "EventsQuery":
        return PlainTable(columns or [], results[:MOST_ROWS])
    found = [row for row in _flat(results) if isinstance(row, dict)]
    if not found:
        return None
    if kind == "FunnelsQuery" and "data" not in found[0]:
        return PlainTable(["Step", "People"], [[_name(row), row.get("count")] for row in found])
    if kind == "RetentionQuery":
        counts = [[value.get("count") for value in row.get("values", ())] for row in found]
        width = max(map(len, counts))
        header = ["Cohort", *(str(n) for n in range(width))]
        return PlainTable(header, [[_name(row), *own] for row, own in zip(found, counts, strict=True)])
    if any(row.get("data") for row in found):
        labels = found[0].get("labels") or range(len(found[0]["data"]))
        rows = [[label, *(_at(row, n) for row in found)] for n, label in enumerate(labels)]
        return PlainTable(["", *map(_name, found)], rows[:MOST_ROWS])
    return PlainTable(["", "Total"], [[_name(row), row.get("aggregated_value")] for row in found])


def _flat(results: list[Any]) -> list[Any]:
    """Return the rows of a funnel with breakdowns, which are lists in a list, one after the other."""
    return [row for one in results for row in (one if isinstance(one, list) else [one])]


def _name(row: dict[str, Any]) -> str:
    name, part = (
        str(row.get("custom_name") or row.get("label") or row.get("name") or ""),
        row.get("breakdown_value"),
    )
    shown = ", ".join(map(str, part)) if isinstance(part, list) else part
    return name if shown in (None, "", name) else f"{name} ({shown})".strip()


def _at(row: dict[str, Any], n: int) -> Any:
    data = row.get("data") or ()
    return data[n] if n < len(data) else None
