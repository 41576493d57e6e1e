"""What a run of the benchmarks ends with: one table of all aims, and what became slower."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from benchmarks.aims import AIMS, Aim, aim_of
from benchmarks.comparison import Change, last_with, worsened
from benchmarks.figures import database_of, unit_of, without_database, written
from benchmarks.results import Result

NOT_MEASURED = "not measured"


def failures(failed: Sequence[str]) -> str:
    """Return which parts ended with an error, if any did."""
    return f"Failed, so that not all of it was measured: {', '.join(failed)}.\n" if failed else ""


def aims_table(figures: Mapping[str, float]) -> str:
    """Return the table of all aims, one line for each database that was measured, and how many are reached."""
    rows = [(aim, figure) for aim in AIMS for figure in measured_for(aim, figures)]
    lines = ["| Aim | measured | to reach | minimum | asked in | |", "|---|---|---|---|---|---|"]
    lines += [_row(aim, figure, figures.get(figure)) for aim, figure in rows]
    verdicts = [verdict(aim, figures.get(figure)) for aim, figure in rows]
    reached, none = (verdicts.count(word) for word in ("reached", NOT_MEASURED))
    missed = len(verdicts) - reached - none
    return "\n".join([*lines, "", f"{reached} reached, {missed} missed, {none} not measured."])


def measured_for(aim: Aim, figures: Mapping[str, float]) -> list[str]:
    """Return the measured figures that an aim is for, or its own name where none was measured."""
    return [name for name in figures if aim_of(name) is aim] or [aim.figure]


def verdict(aim: Aim, measured: float | None) -> str:
    """Say whether an aim is reached."""
    if measured is None:
        return NOT_MEASURED
    if aim.is_reached(measured):
        return "reached"
    if aim.minimum is None:
        return "**missed**"
    return (
        "**missed**, but the minimum is kept"
        if aim.keeps_minimum(measured)
        else "**missed**, the minimum, too"
    )


def _row(aim: Aim, figure: str, measured: float | None) -> str:
    value = "" if measured is None else f"**{written(figure, measured)}**"
    minimum = "" if aim.minimum is None else written(figure, aim.minimum)
    aimed = f"{aim.bound} {written(figure, aim.value)}"
    said = verdict(aim, measured)
    return f"| {_title(figure)} | {value} | {aimed} | {minimum} | {aim.asked} | {said} |"


def _title(figure: str) -> str:
    aim, database = aim_of(figure), database_of(figure)
    name = aim.title if aim else f"`{without_database(figure)}`"
    return f"{name}, {database}" if database else name


def comparison(figures: Mapping[str, float], kept: Sequence[Result], machine: str, today: date) -> str:
    """Return what is more than a tenth worse than when it was last kept for a machine like this one."""
    known = [name for name in figures if last_with(kept, machine, name)]
    if not known:
        return "Nothing to compare with: no result of a machine like this one that is kept has any of these figures."
    found = worsened(kept, machine, figures)
    if not found:
        return f"Nothing became slower: none of {len(known)} figures is more than 10 % worse than when it was last kept."
    ordered = sorted(found, key=lambda change: kept.index(change.than))
    groups = groupby(ordered, key=lambda change: change.than)
    return "\n\n".join(_slower_than(than, list(changes), today) for than, changes in groups)


def _slower_than(than: Result, changes: Sequence[Change], today: date) -> str:
    lines = [f"Slower than at {than.commit} ({than.date.isoformat()}), by more than 10 %:", ""]
    return "\n".join([*lines, *(f"- {_changed(change, today)}" for change in changes)])


def _changed(change: Change, today: date) -> str:
    figure, worse_by = change.figure, change.worse_by
    before, now = written(figure, change.before), written(figure, change.now)
    more = "" if worse_by is None else f", {worse_by:.0%} worse"
    return (
        f"{_title(figure)}: {before} -> {now}{more} ({_kind(figure, is_same_day=change.than.date == today)})"
    )


def _kind(figure: str, *, is_same_day: bool) -> str:
    """Say how far a figure can be compared with an earlier one."""
    if not unit_of(figure).depends_on_day:
        return "a ratio, a count or a size: it can be compared from day to day"
    if is_same_day:
        return "a time or a rate, of the same day"
    return "a time or a rate of another day: the machine itself may have been faster then"
