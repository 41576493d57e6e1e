"""The order in which the suite runs."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.order import ACROSS_FEATURES, long_ones_first

FEATURE = ACROSS_FEATURES.parent / "src" / "parley" / "people" / "tests"


def item(path: Path, number: int, *fixtures: str) -> Any:
    return SimpleNamespace(path=path, number=number, fixturenames=fixtures)


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
def test_each_worker_begins_with_files_of_programs_and_nothing_is_lost(workers: int) -> None:
    short = [item(FEATURE / "test_rules.py", number) for number in range(50)]
    shared = [item(ACROSS_FEATURES / "test_openapi.py", number, "settings") for number in range(10)]
    long = [item(ACROSS_FEATURES / f"test_{file}.py", number) for file in range(4) for number in range(3)]
    items = [*shared, *short, *long]

    ordered = long_ones_first(items, workers)

    assert sorted(map(id, ordered)) == sorted(map(id, items))
    assert [one for one in ordered if one not in long] == [*shared, *short], "the others keep their order"
    part = len(items) // workers
    assert all(ordered[worker * part] in long for worker in range(workers))
    for file in {one.path for one in long}:
        places = [place for place, one in enumerate(ordered) if one.path == file]
        assert places == list(range(places[0], places[0] + 3)), "a file stays whole"
