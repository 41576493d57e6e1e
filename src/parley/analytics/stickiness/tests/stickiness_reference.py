"""What stickiness counts, said in plain Python."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from parley.analytics.event_source.tests.events_world import PlainEvent, World
from parley.analytics.query_schema.period import Period


def faithful(world: World, period: Period, is_active: Callable[[PlainEvent], bool]) -> list[int]:
    """How many were active in exactly one interval, in two, and so on."""
    active: dict[Any, set[int]] = defaultdict(set)
    for event in world.events:
        if is_active(event) and period.start <= event.timestamp < period.end:
            active[world.actor(event.distinct_id)].add(bisect_right(period.edges, event.timestamp))
    counts = Counter(len(intervals) for intervals in active.values())
    return [counts[n] for n in range(1, len(period.edges))]
