"""What a funnel's query means, and how its numbers are told as PostHog tells them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.analytics.query_schema.kinds import FunnelsFilter, FunnelsQuery
from parley.analytics.query_schema.schemas import EventsNode

SECOND_US = 1_000_000
WINDOW_US = {
    "second": SECOND_US,
    "minute": 60 * SECOND_US,
    "hour": 3600 * SECOND_US,
    "day": 86_400 * SECOND_US,
    "week": 7 * 86_400 * SECOND_US,
    "month": 31 * 86_400 * SECOND_US,
}
"""Days are 24 hours and months 31 days, whatever the calendar says, so that everybody has the same time."""
MAX_WINDOW_US = 100 * 366 * 86_400 * SECOND_US
MAX_BINS = 60
OTHER, NOT_SET = "$$_posthog_breakdown_other_$$", "$$_posthog_breakdown_null_$$"


class Exclusion(msgspec.Struct, frozen=True):
    """Who does it after step `first` and before step `last`, counted from 1, is left out."""

    first: int
    last: int


class Path(msgspec.Struct, frozen=True):
    """What the steps of a funnel must be like.

    `apart` names columns whose values keep the events of an actor apart; `carried` those that come along from the first
    step.
    """

    order: str
    n_steps: int
    window_us: int
    exclusions: tuple[Exclusion, ...] = ()
    apart: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()

    @property
    def times(self) -> list[str]:
        """The names of the columns with the moments of the steps."""
        return [f"t{n}" for n in range(1, self.n_steps + 1)]


def path_of(query: FunnelsQuery, *, apart: Sequence[str] = (), carried: Sequence[str] = ()) -> Path:
    """Return what the steps must be like; the steps of the query count from 0, ours from 1."""
    wanted, n_steps = query.funnels_filter, len(query.series)
    return Path(
        wanted.funnel_order_type,
        n_steps,
        window_us(wanted),
        tuple(Exclusion(*steps_between(one, n_steps)) for one in wanted.exclusions),
        tuple(apart),
        tuple(carried),
    )


def window_us(wanted: FunnelsFilter) -> int:
    """Return how long after the first step the others count, in microseconds."""
    return min(wanted.funnel_window_interval * WINDOW_US[wanted.funnel_window_interval_unit], MAX_WINDOW_US)


def steps_between(part: EventsNode | FunnelsFilter, n_steps: int) -> tuple[int, int]:
    """Return from which step to which something is meant, counted from 1; without a word from the first to the last."""
    first, last = part.funnel_from_step, part.funnel_to_step
    return (first or 0) + 1, n_steps if last is None else last + 1


def step_rows(series: Sequence[EventsNode], found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps as they travel, from `people1`, `people2`, `average2`, `median2`, ... in microseconds."""
    return [_step_row(node, n, found) for n, node in enumerate(series)]


def _step_row(node: EventsNode, order: int, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "action_id": node.event,
        "name": node.name or node.event or "All events",
        "custom_name": node.custom_name,
        "order": order,
        "people": [],
        "count": found.get(f"people{order + 1}") or 0,
        "type": "events",
        "average_conversion_time": _seconds(found.get(f"average{order + 1}")),
        "median_conversion_time": _seconds(found.get(f"median{order + 1}")),
    }


def _seconds(microseconds: float | None) -> float | None:
    return None if microseconds is None else round(float(microseconds) / SECOND_US, 6)


def rate(first: int, last: int) -> float:
    """Return how many percent went on, of two decimals."""
    return round(100 * last / first, 2) if first else 0.0
