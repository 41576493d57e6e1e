"""Parts of Parley beside the packages that could replace them; the decision records quote what is printed here.

`python -m benchmarks.trials.connection_pool`, and so on. Run them again when a package has a new version.
"""

from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from time import process_time
from typing import Any

ROUNDS = 9
Call = Callable[[], Awaitable[Any]]


async def microseconds(call: Call, calls: int) -> float:
    """Return the processor time of this process for one call, in microseconds."""
    before = process_time()
    for _ in range(calls):
        await call()
    return (process_time() - before) / calls * 1e6


async def compare(calls_of: Mapping[str, Call], calls: int = 1000) -> None:
    """Print the processor time of each call: the median of rounds in which they take turns."""
    found: dict[str, list[float]] = {name: [] for name in calls_of}
    for _ in range(ROUNDS):
        for name, call in calls_of.items():
            found[name].append(await microseconds(call, calls))
    for name, times in found.items():
        print(f"{name:<48}{median(times):>9.1f} us  ({min(times):.1f} to {max(times):.1f})")
