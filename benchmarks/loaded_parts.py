"""The parts that put load on tickets: beside the ceiling, over many connections, and in large projects."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks import report
from benchmarks.at_size import TITLES as AT_SIZE
from benchmarks.at_size import measure_sizes, size_figures
from benchmarks.connections import OPERATIONS as CROWDED
from benchmarks.connections import crowd_figures, crowd_table, measure_crowd
from benchmarks.figures import merged
from benchmarks.group_commit import OPERATIONS as WRITES
from benchmarks.group_commit import group_commit_table, measure_group_commit
from benchmarks.growth import GROWING, measure_growth
from benchmarks.hostile import measure_stalls
from benchmarks.live import measure_live
from benchmarks.load import Ask
from benchmarks.operations import SAMPLE, TITLES, requests_of
from benchmarks.options import SIZES
from benchmarks.run import Run, tell
from benchmarks.suggestions import index_world, measure_suggestions
from benchmarks.throughput import Place, Side, compare, throughput_figures
from benchmarks.world import sign_in, tickets_of


def run_loaded(run: Run, parts: Sequence[str]) -> None:
    """Run those of the parts here that were asked for."""
    beside = [name for name in BESIDE_THE_CEILING if name in parts]
    if beside:
        with run.attempt("the ceiling"), run.pair(run.options.small) as small:
            for name in beside:
                with run.attempt(name):
                    BESIDE_THE_CEILING[name](run, *small)
    for database in run.options.databases if "size" in parts else ():
        with run.attempt(f"size on {database}"):
            size(run, database, run.options.sizes or SIZES[database])
    for measure in (group_commit, hostile, suggestions):
        if measure.__name__ in parts:
            with run.attempt(measure.__name__):
                measure(run)


def asks_of(name: str, place: Place) -> list[Ask]:
    """Return the requests of an operation about the first tickets of a project."""
    return requests_of(name, place.world, tickets_of(place.world, range(1, SAMPLE + 1)))


def throughput(run: Run, own: Place, bare: Place) -> None:
    """Compare each operation with the ceiling."""
    found = {}
    for name in run.asked(TITLES):
        tell(f"Measuring {TITLES[name]} ...")
        asks = asks_of(name, own)
        sides = (Side(place, asks) for place in (own, bare))
        found[name] = compare(*sides, rounds=run.options.rounds, seconds=run.options.seconds)
    run.say("throughput", report.throughput_table(found), throughput_figures(found))


def connections(run: Run, own: Place, bare: Place) -> None:
    """Compare what few and many connections get."""
    found = []
    for name in run.asked(CROWDED):
        tell(f"Measuring {TITLES[name]} over many connections ...")
        found.append(
            measure_crowd(name, asks_of(name, own), own, bare, run.options.rounds, run.options.seconds)
        )
    run.say("connections", crowd_table(found, TITLES), crowd_figures(found))


def live(run: Run, own: Place, bare: Place) -> None:
    """Time notices in an open inbox."""
    tell("Measuring messages until they are seen in the inbox ...")
    tickets = tickets_of(own.world, range(SAMPLE + 1, SAMPLE + 51))
    found = asyncio.run(measure_live(own.address, own.world, sign_in(own.address), tickets))
    run.say("live", report.live_line(found), found.figures())


def growth(run: Run, own: Place, bare: Place) -> None:
    """Compare a large project with the small one."""
    rounds, seconds = run.options.rounds, run.options.seconds
    sizes = run.options.small, run.options.large
    with run.pair(run.options.large) as large:
        tell("Measuring growth ...")
        found = measure_growth(own, large[0], (*GROWING, "next"), rounds, seconds)
        theirs = measure_growth(bare, large[1], GROWING, rounds, seconds)
    figures = {name: value for one in found for name, value in one.figures(*sizes).items()}
    run.say("growth", report.growth_table(found, theirs, *sizes), figures)


BESIDE_THE_CEILING = {"throughput": throughput, "connections": connections, "live": live, "growth": growth}


def group_commit(run: Run) -> None:
    """Compare eight writers on SQLite with one."""
    found = []
    with run.place("sqlite", run.options.small) as place:
        for name in run.asked(WRITES):
            tell(f"Measuring one writer and eight on SQLite: {TITLES[name]} ...")
            options = run.options
            found.append(
                measure_group_commit(name, asks_of(name, place), place, options.rounds, options.seconds)
            )
    run.say("group_commit", group_commit_table(found, TITLES), merged(found))


def size(run: Run, database: str, sizes: Sequence[int]) -> None:
    """Time one client in projects of these sizes."""
    names = run.asked(AT_SIZE)
    with ExitStack() as stack:
        places = [stack.enter_context(run.place(database, tickets)) for tickets in sizes]
        tell(f"Measuring one client at a time on {database} ...")
        found = []
        for timed in measure_sizes(places, names, run.options.rounds):
            found.append(timed)
            tell(report.size_line(timed))
    run.say("size", report.size_table(found, database, sizes), size_figures(found, sizes), database)


def hostile(run: Run) -> None:
    """Send what stands for much work, and see how long others wait."""
    with run.place("sqlite", run.options.small) as place:
        tell("Sending hostile requests ...")
        found = asyncio.run(measure_stalls(place.address, place.world))
    run.say("hostile", report.stall_table(found), merged(found))


def suggestions(run: Run) -> None:
    """Time suggested replies on PostgreSQL."""
    with run.place("postgresql", run.options.suggestions) as place:
        tell("Indexing past answers ...")
        index_world(place.world.database_url, place.world.project_id)
        resolved = place.world.tickets * 7 // 10  # as `rows.py` makes them
        found = measure_suggestions(place, resolved)
    run.say("suggestions", report.suggestion_line(found), found.figures())
