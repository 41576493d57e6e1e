"""Answers as lines of text, for people who see no pictures. What visitors have chosen is one line, and cut."""

from collections.abc import Sequence
from typing import Any

from parley.kernel.network.mail import one_line

MOST_ROWS, MOST_LETTERS = 25, 60
COUNTS = ("aggregated_value", "count")


def is_empty(result: Any) -> bool:
    """Say whether an answer has nothing to show: no rows, or nothing but zeros."""
    if not isinstance(result, list):
        return not result
    return not any(_number_of(one) for one in result)


def table_of(result: Any, columns: Sequence[str] | None) -> list[str]:
    """Return the lines of a table: a series with its number, or the first rows of a list. Empty for an empty answer."""
    if not isinstance(result, list) or is_empty(result):
        return []
    lines = [_line(list(map(str, columns)))] if columns and isinstance(result[0], list) else []
    lines += [_row(one) for one in result[:MOST_ROWS]]
    return [*lines, f"... and {len(result) - MOST_ROWS} more"] if len(result) > MOST_ROWS else lines


def _number_of(one: Any) -> Any:
    """Return the number of a series; of anything else, whether it is there."""
    if not isinstance(one, dict):
        return one
    return next((one[name] for name in COUNTS if one.get(name) is not None), True)


def _row(one: Any) -> str:
    if isinstance(one, dict):
        name = one.get("label") or one.get("custom_name") or one.get("name") or ""
        return _line([str(name), "" if (number := _number_of(one)) is True else f"{number:g}"])
    return _line([str(item) for item in (one if isinstance(one, list) else [one])])


def _line(cells: Sequence[str]) -> str:
    return "\t".join(one_line(cell, MOST_LETTERS) for cell in cells)
