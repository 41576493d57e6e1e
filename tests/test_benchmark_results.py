"""What is kept of earlier runs of `make bench`, and what a new run says beside it."""

import subprocess
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.closing import comparison
from benchmarks.comparison import worsened
from benchmarks.figures import unit_of
from benchmarks.results import (
    KEPT,
    Result,
    ResultsUnreadable,
    commit_of,
    read_results,
    with_result,
    write_results,
)

MACHINE, OTHER = "2 cores, 24 GiB", "64 cores, 512 GiB"
MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)
RATIO, WAIT = "throughput.list.ratio", "scim.list.ms@sqlite"
FIGURES = st.dictionaries(st.sampled_from([RATIO, WAIT, "mail.read.per_second"]), st.floats(0.001, 1e6))
RESULTS = st.builds(
    Result,
    commit=st.sampled_from(["abc1234", "abc1234+", "0def567", "89abcde"]),
    date=st.dates(),
    machine=st.sampled_from([MACHINE, OTHER]),
    figures=FIGURES,
)


def result(commit: str = "abc1234", on: date = MONDAY, machine: str = MACHINE, **figures: float) -> Result:
    names = {"ratio": RATIO, "wait": WAIT}
    return Result(commit, on, machine, {names[name]: value for name, value in figures.items()})


def added(*results: Result) -> list[Result]:
    kept: list[Result] = []
    for one in results:
        kept = with_result(kept, one)
    return kept


@given(st.lists(RESULTS, max_size=30))
def test_ten_results_are_kept_at_most_and_the_newest_is_first(results: list[Result]):
    kept: list[Result] = []
    for one in results:
        kept = with_result(kept, one)
        assert len(kept) <= KEPT
        assert (kept[0].commit, kept[0].date, kept[0].machine) == (one.commit, one.date, one.machine)
        assert kept[0].figures.items() >= {name: float(f"{x:.4g}") for name, x in one.figures.items()}.items()
    clean = [(one.commit, one.machine) for one in kept if not one.commit.endswith("+")]
    assert len(clean) == len(set(clean))


@given(results=st.lists(RESULTS, max_size=12))
def test_what_is_written_is_read_again(results: list[Result], tmp_path_factory: pytest.TempPathFactory):
    file = tmp_path_factory.mktemp("kept") / "results.json"
    kept = added(*results)

    write_results(kept, file)

    assert read_results(file) == kept


def test_each_figure_has_a_line_of_its_own_in_the_file(tmp_path: Path):
    file = tmp_path / "results.json"

    write_results(added(result(ratio=0.79123456, wait=20.9)), file)

    lines = [line.strip() for line in file.read_text().splitlines()]
    assert {f'"{WAIT}": 20.9,', f'"{RATIO}": 0.7912'} <= set(lines)


def test_parts_of_one_commit_are_one_result():
    kept = added(result(wait=20.0, ratio=0.5), result(on=TUESDAY, ratio=0.79))

    assert kept == [result(on=TUESDAY, ratio=0.79, wait=20.0)]


def test_changed_files_and_other_machines_are_results_of_their_own():
    kept = added(
        result("abc1234+", ratio=0.5), result("abc1234+", ratio=0.6), result(ratio=0.7), result(machine=OTHER)
    )

    assert [(one.commit, one.machine) for one in kept] == [
        ("abc1234", OTHER),
        ("abc1234", MACHINE),
        ("abc1234+", MACHINE),
        ("abc1234+", MACHINE),
    ]


def test_without_a_file_nothing_is_kept_yet(tmp_path: Path):
    assert read_results(tmp_path / "results.json") == []


@pytest.mark.parametrize(
    "content", [b"", b"<<<<<<< HEAD\n[]", b'[{"commit": 7}]', b'{"commit": "abc1234"}', b"\xff"]
)
def test_a_file_that_holds_something_else_is_said_to_be_unreadable(content: bytes, tmp_path: Path):
    file = tmp_path / "results.json"
    file.write_bytes(content)

    with pytest.raises(ResultsUnreadable, match=r"can't be read: .*results\.json.*git checkout"):
        read_results(file)


def test_what_the_repository_keeps_can_be_read():
    kept = read_results()

    assert len(kept) <= KEPT
    assert all(unit_of(figure) for one in kept for figure in one.figures)


@given(
    before=st.floats(0.01, 1e6), factor=st.floats(0.5, 2).filter(lambda one: abs(abs(one - 1) - 0.1) > 1e-6)
)
def test_what_is_more_than_a_tenth_worse_is_named_and_nothing_else(before: float, factor: float):
    kept = [result(ratio=before, wait=before)]

    named = {one.figure for one in worsened(kept, MACHINE, {RATIO: before * factor, WAIT: before * factor})}

    assert named == {*([RATIO] if factor < 0.9 else []), *([WAIT] if factor > 1.1 else [])}


def test_a_ratio_is_compared_with_the_newest_result_that_has_it():
    kept = added(
        result("0000000", ratio=0.9), result("abc1234", ratio=0.79), result("fffffff", TUESDAY, wait=20.0)
    )

    assert comparison({RATIO: 0.7}, kept, MACHINE, TUESDAY) == (
        "Slower than at abc1234 (2026-11-30), by more than 10 %:\n\n"
        "- list 100 tickets, part of the ceiling: 0.79 -> 0.7, 11% worse "
        "(a ratio, a count or a size: it can be compared from day to day)"
    )


@pytest.mark.parametrize(
    ("today", "kind"),
    [
        (MONDAY, "a time or a rate, of the same day"),
        (TUESDAY, "a time or a rate of another day: the machine itself may have been faster then"),
    ],
)
def test_a_time_of_another_day_is_said_to_be_one(today: date, kind: str):
    said = comparison({WAIT: 30.0}, [result(wait=20.0)], MACHINE, today)

    assert said.endswith(f"- SCIM: list of 100 among 50,000, p50, SQLite: 20 ms -> 30 ms, 50% worse ({kind})")


def test_what_failed_for_the_first_time_is_worse():
    name = "webhooks.lost.count@sqlite"
    kept = [Result("abc1234", MONDAY, MACHINE, {name: 0.0})]

    assert "webhooks that did not come, SQLite: 0 -> 2 (" in comparison({name: 2.0}, kept, MACHINE, MONDAY)


def test_figures_of_another_machine_or_of_nothing_are_not_compared():
    kept = [result(machine=OTHER, ratio=0.79)]

    assert comparison({RATIO: 0.1}, kept, MACHINE, MONDAY).startswith("Nothing to compare with: ")
    assert comparison({RATIO: 0.1}, [], MACHINE, MONDAY).startswith("Nothing to compare with: ")
    assert comparison({RATIO: 0.8}, kept, OTHER, MONDAY) == (
        "Nothing became slower: none of 1 figures is more than 10 % worse than when it was last kept."
    )


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    return subprocess.run(
        ["git", "-C", str(folder), *identity, *words], check=True, capture_output=True, text=True
    ).stdout


def test_a_commit_is_named_with_a_plus_where_its_files_have_changed(tmp_path: Path):
    file, other = tmp_path / "benchmarks" / "results.json", tmp_path / "program.py"
    file.parent.mkdir()
    assert commit_of(file) == "unknown+"
    git(tmp_path, "init", "--quiet")
    file.write_text("[]")
    other.write_text("one = 1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Begin")
    name = git(tmp_path, "rev-parse", "HEAD")[:8]

    assert commit_of(file) == name
    file.write_text("[1]")
    assert commit_of(file) == name
    other.write_text("one = 2")
    assert commit_of(file) == f"{name}+"
