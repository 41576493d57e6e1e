"""Many clients at once: what 8, 64 and 256 connections get of Parley and of the ceiling, and how long they wait."""

import statistics
from collections.abc import Mapping, Sequence

import msgspec

from benchmarks.load import CONNECTIONS, Ask, Reading
from benchmarks.throughput import Place, Side, by_turns, per_second, ratio_of

COUNTS = (CONNECTIONS, 64, 256)
OPERATIONS = ("get", "message", "open")
WARM_UP_S, LEAST_S = 3, 5
"""Hundreds of connections need seconds until each has had its answer, so a round has five at least."""


class Crowd(msgspec.Struct, frozen=True):
    """The readings of an operation by the number of connections, each in the order of the rounds."""

    name: str
    parley: Mapping[int, Sequence[Reading]]
    ceiling: Mapping[int, Sequence[Reading]]

    @property
    def failed(self) -> int:
        """How many answers of Parley were neither a success nor a refusal."""
        return sum(one.failed for readings in self.parley.values() for one in readings)

    def figures(self) -> dict[str, float]:
        figures = {}
        for count, readings in self.parley.items():
            figures[f"{self.name}_{count}.ratio"] = ratio_of(readings, self.ceiling[count])
            figures[f"{self.name}_{count}.per_second"] = per_second(readings)
            spread = statistics.median(one.p99_ms / one.p50_ms for one in readings)
            figures[f"{self.name}_{count}_p99_of_p50.times"] = spread
            if count != CONNECTIONS:
                few = self.parley[CONNECTIONS]
                figures[f"{self.name}_{count}_of_{CONNECTIONS}.ratio"] = ratio_of(readings, few)
        return figures


def measure_crowd(
    name: str, asks: list[Ask], parley: Place, ceiling: Place, rounds: int, seconds: float
) -> Crowd:
    """Put load on both servers over each number of connections, by turns."""
    keys = [(place, count) for count in COUNTS for place in (parley, ceiling)]
    sides = [Side(place, asks, count, may_refuse=True) for place, count in keys]
    found = by_turns(sides, rounds=rounds, seconds=max(LEAST_S, seconds), warm_up_s=WARM_UP_S)
    readings = list(zip(keys, found, strict=True))
    own, bare = (
        {count: mine for (place, count), mine in readings if place is one} for one in (parley, ceiling)
    )
    return Crowd(name, own, bare)


def crowd_figures(found: Sequence[Crowd]) -> dict[str, float]:
    """Return the figures of all operations, and how many answers failed in all of them."""
    figures = {name: value for one in found for name, value in one.figures().items()}
    return {**figures, "failed.count": sum(one.failed for one in found)}


def crowd_table(found: Sequence[Crowd], titles: Mapping[str, str]) -> str:
    """Return what each number of connections gets."""
    lines = [
        "| Operation | connections | Parley, a second | ceiling, a second | ratio | p50 | p95 | p99 "
        "| refused (503) | failed | ceiling's p50 | p99 |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(titles[one.name], count, one) for one in found for count in one.parley]
    return "\n".join([*lines, ""])


def _row(title: str, count: int, found: Crowd) -> str:
    own, bare = found.parley[count], found.ceiling[count]
    waits = " | ".join(f"{_median(own, name):.1f} ms" for name in ("p50_ms", "p95_ms", "p99_ms"))
    theirs = " | ".join(f"{_median(bare, name):.1f} ms" for name in ("p50_ms", "p99_ms"))
    refused, failed = (sum(getattr(one, name) for one in own) for name in ("refused", "failed"))
    return (
        f"| {title} | {count} | {per_second(own):.0f} | {per_second(bare):.0f} | **{ratio_of(own, bare):.2f}** "
        f"| {waits} | {refused} | {failed} | {theirs} |"
    )


def _median(readings: Sequence[Reading], name: str) -> float:
    found: float = statistics.median(getattr(one, name) for one in readings)
    return found
