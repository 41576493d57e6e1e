"""What lifecycle counts, said in plain Python."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from parley.analytics.event_source.tests.events_world import PlainEvent, World


def lives(
    world: World, edges: Sequence[datetime], before: datetime, is_active: Callable[[PlainEvent], bool]
) -> dict[str, list[int]]:
    """Count, in each interval, who was new, came again, came back and stayed away; the one before begins at `before`."""
    walls = [before, *edges]
    active: dict[Any, set[int]] = defaultdict(set)
    for event in world.events:
        if is_active(event) and event.timestamp < edges[-1]:
            active[world.actor(event.distinct_id)].add(bisect_right(walls, event.timestamp) - 1)
    found = {status: [0] * (len(edges) - 1) for status in ("new", "returning", "resurrecting", "dormant")}
    for intervals in active.values():
        for n in range(1, len(edges)):
            if n in intervals:
                came_before = any(other < n for other in intervals)
                status = "returning" if n - 1 in intervals else "resurrecting" if came_before else "new"
                found[status][n - 1] += 1
            elif n - 1 in intervals:
                found["dormant"][n - 1] -= 1
    return found
