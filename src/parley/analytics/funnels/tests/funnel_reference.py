"""What a funnel counts, said in plain Python: one person after the other, one attempt after the other."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from parley.analytics.event_source.tests.events_world import PlainEvent, World

Step = Callable[[PlainEvent], bool]


@dataclass
class PlainFunnel:
    """The steps, and how they follow each other; `exclusions` holds (event, from, to), counted from 1.

    With `is_apart` the events of each `value` make funnels of their own.
    """

    steps: list[Step]
    order: str
    window: timedelta
    exclusions: list[tuple[Step, int, int]] = field(default_factory=list)
    value: Callable[[PlainEvent], Any] = lambda event: ""
    is_apart: bool = False


@dataclass
class Attempt:
    """When somebody took the steps, as far as they came."""

    times: list[datetime]
    is_excluded: bool = False


def winners(
    world: World, funnel: PlainFunnel, key: Callable[[datetime], Any] = lambda at: None
) -> dict[Any, Attempt]:
    """The best attempt of each (actor, value, key of its start): the deepest, and the first of these."""
    found: dict[Any, list[Attempt]] = defaultdict(list)
    for (actor, value), events in _by_actor(world, funnel).items():
        for attempt in _attempts(events, funnel):
            found[actor, value, key(attempt.times[0])].append(attempt)
    chosen = {}
    for who, attempts in found.items():
        full = [
            one.times[0] for one in attempts if len(one.times) == len(funnel.steps) and not one.is_excluded
        ]
        if any(one.is_excluded and not (full and min(full) < one.times[0]) for one in attempts):
            continue
        kept = [one for one in attempts if not one.is_excluded]
        chosen[who] = min(kept, key=lambda one: (-len(one.times), one.times[0]))
    return chosen


def _mask(event: PlainEvent, funnel: PlainFunnel) -> int:
    return sum(2**n for n, step in enumerate(funnel.steps) if step(event))


def _by_actor(world: World, funnel: PlainFunnel) -> dict[Any, list[PlainEvent]]:
    """What each did, in the order of time; of one moment, what takes no step first, then by the steps it may take."""
    events: dict[Any, list[PlainEvent]] = defaultdict(list)
    for event in sorted(world.events, key=lambda event: (event.timestamp, _mask(event, funnel))):
        value = funnel.value(event) if funnel.is_apart else None
        events[world.actor(event.distinct_id), value].append(event)
    return events


def _attempts(events: list[PlainEvent], funnel: PlainFunnel) -> Iterator[Attempt]:
    take = {"ordered": _ordered, "strict": _strict, "unordered": _unordered}[funnel.order]
    for n in range(len(events)):
        times = take(events[n:], funnel)
        if times:
            yield Attempt(times, _is_excluded(events, times, funnel))


def _ordered(events: list[PlainEvent], funnel: PlainFunnel) -> list[datetime]:
    times: list[datetime] = []
    if not funnel.steps[0](events[0]):
        return times
    for event in events:
        is_in_time = event.timestamp - events[0].timestamp <= funnel.window
        if is_in_time and len(times) < len(funnel.steps) and funnel.steps[len(times)](event):
            times.append(event.timestamp)
    return times


def _strict(events: list[PlainEvent], funnel: PlainFunnel) -> list[datetime]:
    times: list[datetime] = []
    others = [
        event for event in events if _mask(event, funnel) or not event.event.startswith("$conversation_")
    ]
    if not others or others[0] is not events[0]:
        return times
    for event, step in zip(others, funnel.steps, strict=False):
        if not step(event) or event.timestamp - events[0].timestamp > funnel.window:
            break
        times.append(event.timestamp)
    return times


def _unordered(events: list[PlainEvent], funnel: PlainFunnel) -> list[datetime]:
    if not _mask(events[0], funnel):
        return []
    within = [event for event in events if event.timestamp - events[0].timestamp <= funnel.window]
    firsts = [next((event.timestamp for event in within if step(event)), None) for step in funnel.steps]
    return sorted(at for at in firsts if at)


def _is_excluded(events: list[PlainEvent], times: list[datetime], funnel: PlainFunnel) -> bool:
    for excluded, first, last in funnel.exclusions:
        if len(times) < first:
            continue
        for event in events:
            is_late = event.timestamp >= times[last - 1] if len(times) >= last else False
            if (
                excluded(event)
                and not _mask(event, funnel)
                and event.timestamp > times[first - 1]
                and event.timestamp - times[0] <= funnel.window
                and not is_late
            ):
                return True
    return False


def value_of_each(
    world: World,
    funnel: PlainFunnel,
    attribution: str,
    value: Callable[[PlainEvent], Any],
    step: int = 0,
) -> dict[Any, Any]:
    """The value that counts for each actor: of their first or last event that has one, or of the first that is the step."""
    events = sorted(world.events, key=lambda event: (event.timestamp, event.id))
    if attribution == "last_touch":
        events.reverse()
    found: dict[Any, Any] = {}
    for event in events:
        counts = funnel.steps[step](event) if attribution == "step" else _mask(event, funnel)
        if counts and value(event) is not None:
            found.setdefault(world.actor(event.distinct_id), value(event))
    return found
