"""What a journey asks of its funnel, and how many people are stuck where."""

from collections.abc import Sequence
from typing import Any

import msgspec


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """A step, counted from 1: how many took it, and how many of those didn't take the next one; None is unknown."""

    number: int
    name: str
    reached: int | None
    stuck: int | None
    is_last: bool


def in_steps(query: Any) -> Any:
    """Return the query of a funnel, shown by its steps and not divided, whatever its author looks at."""
    if not isinstance(query, dict):
        return query
    if isinstance(query.get("source"), dict):
        return {**query, "source": in_steps(query["source"])}
    shown = {name: value for name, value in query.items() if name != "breakdownFilter"}
    return {**shown, "funnelsFilter": {**(query.get("funnelsFilter") or {}), "funnelVizType": "steps"}}


def steps_of(names: Sequence[str], results: Any) -> list[StepView]:
    """Return the steps with what a funnel's result says of each."""
    counts = [_count(results, n) for n in range(len(names))]
    return [
        StepView(
            number=n + 1,
            name=name,
            reached=counts[n],
            stuck=_lost(counts[n], counts[n + 1]) if n + 1 < len(names) else None,
            is_last=n + 1 == len(names),
        )
        for n, name in enumerate(names)
    ]


def _count(results: Any, n: int) -> int | None:
    row = results[n] if isinstance(results, list) and n < len(results) else None
    found = row.get("count") if isinstance(row, dict) else None
    return int(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _lost(reached: int | None, went_on: int | None) -> int | None:
    return None if reached is None or went_on is None else max(0, reached - went_on)
