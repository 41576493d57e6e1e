"""What trends count, said in plain Python: one interval after the other, one event after the other."""

import math
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parley.analytics.event_source.tests.events_world import PlainEvent, World
from parley.analytics.query_schema.schemas import EventsNode

OTHER, NOT_SET = "$$_posthog_breakdown_other_$$", "$$_posthog_breakdown_null_$$"
DAYS = {"weekly_active": 7, "monthly_active": 30}
SHARES = {"median": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99}
Span = tuple[datetime, datetime]


def text_of(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(one for one in value if isinstance(one, str)) or None
    return None if value is None or isinstance(value, dict) else str(value)


def number_of(value: Any) -> float | None:
    if isinstance(value, str):
        plain = re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)\s*", value, re.ASCII)
        return float(value) if plain else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def before(end: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time on the wall so many days before."""
    wall = end.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def holds(world: World, node: EventsNode, one: PlainEvent) -> bool:
    if one.event != node.event if node.event else one.event.startswith("$conversation_"):
        return False
    for condition in node.properties.values:
        of_person = world.person_properties(one.distinct_id)
        found = (of_person if condition.type == "person" else one.properties).get(condition.key)
        if text_of(found) not in condition.values:
            return False
    return True


def number(world: World, node: EventsNode, events: Sequence[PlainEvent]) -> float:
    """What one interval of a series is."""
    if node.math == "total":
        return len(events)
    if node.math in ("dau", *DAYS):
        return len({world.actor(one.distinct_id) for one in events})
    if node.math == "unique_session":
        sessions = {text_of(one.properties.get("$session_id")) for one in events}
        return len(sessions - {None})
    numbers = [
        found
        for one in events
        if (found := number_of(one.properties.get(node.math_property or ""))) is not None
    ]
    if not numbers:
        return 0
    if node.math in SHARES:
        return percentile(sorted(numbers), SHARES[node.math])
    if node.math == "sum":
        return math.fsum(numbers)
    if node.math == "avg":
        return statistics.fmean(numbers)
    return min(numbers) if node.math == "min" else max(numbers)


def percentile(numbers: Sequence[float], percent: int) -> float:
    place = (len(numbers) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


def values_of(world: World, parts: Sequence[Any], one: PlainEvent) -> tuple[str, ...]:
    of_person = world.person_properties(one.distinct_id)
    found = ((of_person if part.type == "person" else one.properties).get(part.property) for part in parts)
    return tuple(text_of(value) or NOT_SET for value in found)


def numbers(
    world: World,
    node: EventsNode,
    parts: Sequence[Any],
    spans: Sequence[Span],
    limit: int,
    chosen: Sequence[tuple[str, ...]] | None = None,
) -> dict[tuple[str, ...], list[float]]:
    """The numbers of a series in each span of time, by the values of the breakdown that are shown."""
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    events = [one for one in world.events if start <= one.timestamp < end and holds(world, node, one)]
    weights: Counter[tuple[str, ...]] = Counter()
    for one in events:
        summed = number_of(one.properties.get(node.math_property or "")) or 0
        weights[values_of(world, parts, one)] += summed if node.math == "sum" else 1  # type: ignore[assignment]
    most = sorted(weights, key=lambda values: (-weights[values], values))[:limit]
    shown = set(most if chosen is None else chosen)

    def place(one: PlainEvent) -> tuple[str, ...]:
        values = values_of(world, parts, one)
        return values if values in shown or not parts else (OTHER,) * len(parts)

    found = {}
    for values in {place(one) for one in events} | (set() if parts else {()}):
        own = [one for one in events if place(one) == values]
        found[values] = [
            number(world, node, [one for one in own if first <= one.timestamp < last])
            for first, last in spans
        ]
    return found
