"""What a hundred times as many tickets cost: the median latency on a large project over that on a small one."""

from collections.abc import Sequence

import httpx
import msgspec

from benchmarks.load import Ask
from benchmarks.operations import SAMPLE, requests_of
from benchmarks.throughput import Place, Side, by_turns, cpu_us, p50_ms
from benchmarks.world import tickets_of

GROWING = ("list", "get", "message")
PAGES_BEHIND = 100


class Grown(msgspec.Struct, frozen=True):
    """Medians on both sizes: milliseconds to the answer, and the processor time of server and PostgreSQL for it."""

    name: str
    small_ms: float
    large_ms: float
    small_us: float
    large_us: float

    @property
    def factor(self) -> float:
        return self.large_ms / self.small_ms

    def figures(self, small: int, large: int) -> dict[str, float]:
        return {
            f"{self.name}_{small}_to_{large}.times": self.factor,
            f"{self.name}_cpu_{small}_to_{large}.times": self.work_factor,
        }

    @property
    def work_factor(self) -> float:
        return self.large_us / self.small_us


def measure_growth(
    small: Place, large: Place, names: Sequence[str], rounds: int, seconds: float
) -> list[Grown]:
    """Put load on both sizes by turns."""
    grown = []
    for name in names:
        sides = [_side(place, name) for place in (small, large)]
        readings = by_turns(sides, rounds=rounds, seconds=seconds, warm_up_s=2)
        times, work = [p50_ms(found) for found in readings], [sum(cpu_us(found)) for found in readings]
        grown.append(Grown(name, *times, *work))
    return grown


def _side(place: Place, name: str) -> Side:
    world = place.world
    if name == "next":
        return Side(place, [far_page(place)])
    # The newest tickets of a project are the ones that people work on.
    tickets = tickets_of(world, range(world.tickets - 2 * SAMPLE + 1, world.tickets - SAMPLE + 1))
    return Side(place, requests_of(name, world, tickets))


def far_page(place: Place) -> Ask:
    """Follow `next` from the first page for a hundred pages, or to the last full one, and return that page."""
    with httpx.Client(headers=place.world.headers) as client:
        url = before = f"{place.address}{place.world.tickets_path}"
        for _ in range(PAGES_BEHIND):
            answer = client.get(url)
            answer.raise_for_status()
            following = answer.json()["next"]
            if following is None:
                url = before  # the last page may hold fewer tickets
                break
            before, url = url, following
    return Ask("GET", url.removeprefix(place.address))
