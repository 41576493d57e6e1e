"""Requests a second, Parley and the ceiling by turns, so that both see the same moods of the machine."""

import statistics
import time
from collections.abc import Mapping, Sequence

import msgspec

from benchmarks.latency import Client
from benchmarks.load import CONNECTIONS, Ask, LoadFailed, Reading, put_load
from benchmarks.operations import EVENTS_IN_A_BATCH
from benchmarks.processes import cpu_seconds
from benchmarks.world import World

SETTLE_S, RETRY_S = 60, 1
"""How long a server may refuse once the load is over, and after how long it is asked again."""


class Place(msgspec.Struct, frozen=True):
    """A server, its world, its process and that of its PostgreSQL."""

    address: str
    world: World
    pid: int
    postgres_pid: int


class Side(msgspec.Struct, frozen=True):
    """One server under load: where it is, what it is asked, over how many connections, and whether it may refuse."""

    place: Place
    asks: list[Ask]
    connections: int = CONNECTIONS
    may_refuse: bool = False

    def put_load(self, seconds: float) -> Reading:
        """Put load on it, and see what processor time that took."""
        pids = (self.place.pid, self.place.postgres_pid)
        before = [cpu_seconds(pid) for pid in pids]
        reading = put_load(
            self.place.address,
            self.asks,
            self.place.world.headers,
            seconds,
            connections=self.connections,
            may_refuse=self.may_refuse,
        )
        used = [cpu_seconds(pid) - start for pid, start in zip(pids, before, strict=True)]
        if self.may_refuse:
            self._settle()
        server_us, postgres_us = (1e6 * seconds / reading.requests for seconds in used)
        return msgspec.structs.replace(reading, server_us=server_us, postgres_us=postgres_us)

    def _settle(self) -> None:
        """Wait for one more answer: a server works on at what clients that have gone had asked for."""
        end = time.monotonic() + SETTLE_S
        while True:
            try:
                with Client(self.place.address, self.place.world.headers) as client:
                    client.answer(self.asks[0])
            except LoadFailed:
                if time.monotonic() > end:
                    raise
                time.sleep(RETRY_S)
            else:
                return


class Compared(msgspec.Struct, frozen=True):
    """The readings of each round, in order."""

    parley: list[Reading]
    ceiling: list[Reading]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return ratio_of(self.parley, self.ceiling)


def ratio_of(readings: Sequence[Reading], others: Sequence[Reading]) -> float:
    """Return the median of the rounds' ratios: how many requests a second beside those of the others."""
    pairs = zip(readings, others, strict=True)
    return statistics.median(one.per_second / other.per_second for one, other in pairs)


def per_second(readings: Sequence[Reading]) -> float:
    """Return the median of the rounds."""
    return statistics.median(reading.per_second for reading in readings)


def cpu_us(readings: Sequence[Reading]) -> tuple[float, float]:
    """Return the medians of the server's and of PostgreSQL's processor time for a request."""
    return (
        statistics.median(reading.server_us for reading in readings),
        statistics.median(reading.postgres_us for reading in readings),
    )


def p50_ms(readings: Sequence[Reading]) -> float:
    """Return the median of the rounds' medians."""
    return statistics.median(reading.p50_ms for reading in readings)


def throughput_figures(found: Mapping[str, Compared]) -> dict[str, float]:
    """Return the ratios of the operations, the processor time of a request, and the captured events a second."""
    figures = {f"{name}.ratio": one.ratio for name, one in found.items()}
    figures |= {f"{name}_cpu.ms": sum(cpu_us(one.parley)) / 1000 for name, one in found.items()}
    if "capture" in found:
        figures["captured.per_second"] = per_second(found["capture"].parley) * EVENTS_IN_A_BATCH
    return figures


def compare(parley: Side, ceiling: Side, *, rounds: int, seconds: float, warm_up_s: float = 2) -> Compared:
    """Put load on both by turns, after a warm-up of each."""
    readings = by_turns([parley, ceiling], rounds=rounds, seconds=seconds, warm_up_s=warm_up_s)
    return Compared(*readings)


def by_turns(sides: Sequence[Side], *, rounds: int, seconds: float, warm_up_s: float) -> list[list[Reading]]:
    """Return each side's readings; the order of the sides changes from round to round."""
    readings: list[list[Reading]] = [[] for _ in sides]
    for side in sides:
        side.put_load(warm_up_s)
    for round_ in range(rounds):
        order = list(enumerate(sides))
        for place, side in order if round_ % 2 == 0 else reversed(order):
            readings[place].append(side.put_load(seconds))
    return readings
