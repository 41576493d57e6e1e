"""The order in which tests run: long ones first, so that no worker ends the run alone with one of them."""

from collections import defaultdict
from pathlib import Path

import pytest

ACROSS_FEATURES = Path(__file__).parent


def long_ones_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return the tests with those that start programs and browsers at the beginning of each worker's part.

    `--dist worksteal` first gives each worker one part of the list, all equally long, and a worker without work takes
    from the end of another's. Files stay whole, and so do the tests of one database: an application is made for them once.
    """
    files: dict[Path, list[pytest.Item]] = defaultdict(list)
    short = []
    for item in items:
        if ACROSS_FEATURES in item.path.parents and "settings" not in getattr(item, "fixturenames", ()):
            files[item.path].append(item)
        else:
            short.append(item)
    dealt: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for number, tests in enumerate(files.values()):
        dealt[number % workers].extend(tests)
    ordered: list[pytest.Item] = []
    size = len(items) // workers
    for tests in dealt:
        room = max(size - len(tests), 0)
        ordered += tests + short[:room]
        short = short[room:]
    return ordered + short
