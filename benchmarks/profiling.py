"""Where Parley spends its time in one operation: the whole server under Python's own profiler."""

import io
import pstats
import sys
from pathlib import Path

from benchmarks.cluster import DurablePostgres
from benchmarks.load import put_load
from benchmarks.operations import SAMPLE, requests_of
from benchmarks.programs import parley
from benchmarks.world import make_world, tickets_of

SHOWN = 45


def profiled_server(stats: Path) -> list[str]:
    """Return the command of a server that leaves the figures of its profiler in a file."""
    return [sys.executable, "-m", "benchmarks.profiled", str(stats), "serve"]


def profile(name: str, cluster: DurablePostgres, folder: Path, tickets: int, seconds: float) -> str:
    """Run the operation on a profiled server; return its functions, the most expensive first.

    The profiler slows Python code down and leaves C code as it is, so the order counts, not the seconds.
    """
    url, stats = cluster.make_database("profiled"), folder / "profile"
    command = profiled_server(stats)
    with parley(folder, url, command=command) as server:
        world = make_world(folder, url, tickets)
        asks = requests_of(name, world, tickets_of(world, range(1, SAMPLE + 1)))
        reading = put_load(server.address, asks, world.headers, seconds)
    out = io.StringIO()
    print(f"{reading.requests} requests, {reading.per_second:.0f} a second\n", file=out)
    report = pstats.Stats(str(stats), stream=out).strip_dirs()
    report.sort_stats("tottime").print_stats(SHOWN)
    report.sort_stats("cumulative").print_stats(SHOWN)
    return out.getvalue()
