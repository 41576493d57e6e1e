"""What retention counts, said in plain Python."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from parley.analytics.event_source.tests.events_world import PlainEvent, World

Condition = Callable[[PlainEvent], bool]


def retained(
    world: World, edges: Sequence[datetime], target: Condition, returning: Condition, *, is_first_time: bool
) -> list[list[int]]:
    """Row i is about who did the target in interval i: how many they are, and how many came back in each later one."""
    n = len(edges) - 1
    begun: dict[Any, set[int]] = defaultdict(set)
    came: dict[Any, set[int]] = defaultdict(set)
    for event in sorted(world.events, key=lambda event: event.timestamp):
        who, interval = world.actor(event.distinct_id), bisect_right(edges, event.timestamp) - 1
        if target(event) and not (is_first_time and begun[who]):
            begun[who].add(interval)
        if returning(event):
            came[who].add(interval)
    return [
        [sum(i in begun[who] and (j == 0 or i + j in came[who]) for who in list(begun)) for j in range(n - i)]
        for i in range(n)
    ]
