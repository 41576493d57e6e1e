"""Requests a second, Parley and the ceiling by turns, so that both see the same moods of the machine."""

import statistics
from collections.abc import Sequence

import msgspec

from benchmarks.load import Ask, Reading, put_load


class Side(msgspec.Struct, frozen=True):
    """One server under load."""

    address: str
    headers: dict[str, str]
    asks: list[Ask]


class Compared(msgspec.Struct, frozen=True):
    """The readings of each round, in order."""

    parley: list[Reading]
    ceiling: list[Reading]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(
            ours.per_second / theirs.per_second
            for ours, theirs in zip(self.parley, self.ceiling, strict=True)
        )


def per_second(readings: Sequence[Reading]) -> float:
    """Return the median of the rounds."""
    return statistics.median(reading.per_second for reading in readings)


def p50_ms(readings: Sequence[Reading]) -> float:
    """Return the median of the rounds' medians."""
    return statistics.median(reading.p50_ms for reading in readings)


def compare(parley: Side, ceiling: Side, *, rounds: int, seconds: float, warm_up_s: float = 2) -> Compared:
    """Put load on both by turns, after a warm-up of each."""
    readings = by_turns([parley, ceiling], rounds=rounds, seconds=seconds, warm_up_s=warm_up_s)
    return Compared(*readings)


def by_turns(sides: Sequence[Side], *, rounds: int, seconds: float, warm_up_s: float) -> list[list[Reading]]:
    """Return each side's readings; the order of the sides changes from round to round."""
    readings: list[list[Reading]] = [[] for _ in sides]
    for side in sides:
        put_load(side.address, side.asks, side.headers, warm_up_s)
    for round_ in range(rounds):
        order = list(enumerate(sides))
        for place, side in order if round_ % 2 == 0 else reversed(order):
            readings[place].append(put_load(side.address, side.asks, side.headers, seconds))
    return readings
