"""One run of the benchmarks: its servers and worlds, what was asked for, and the figures so far."""

import argparse
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from benchmarks.cluster import DurablePostgres
from benchmarks.figures import Measured, named
from benchmarks.load import LoadFailed
from benchmarks.operations import SAMPLE
from benchmarks.programs import ProgramFailed, ceiling, parley
from benchmarks.same import check_same_answers
from benchmarks.throughput import Place
from benchmarks.world import make_world, tickets_of
from tests.servers import ServerFailed

NAMED = (LoadFailed, ProgramFailed, ServerFailed)
"""Errors whose text says enough."""
Found = TypeVar("Found", bound=Measured)


class Run:
    """A cluster, a folder, what was asked for, and `figures`, which every part adds its own to.

    `failed` names the parts that ended with an error.
    """

    def __init__(self, options: argparse.Namespace, cluster: DurablePostgres, folder: Path) -> None:
        self.options = options
        self.cluster = cluster
        self.folder = folder
        self.figures: dict[str, float] = {}
        self.failed: list[str] = []

    @contextmanager
    def attempt(self, part: str) -> Iterator[None]:
        """Let the other parts go on where this one fails, for all of them take an hour."""
        try:
            yield
        except Exception as error:
            tell(str(error) if isinstance(error, NAMED) else traceback.format_exc())
            self.failed.append(part)

    def say(self, part: str, text: str, figures: Mapping[str, float], database: str = "") -> None:
        """Print what a part has found out, and remember its figures."""
        print(text, flush=True)
        self.figures |= named(part, figures, database)

    def measure(
        self,
        part: str,
        database: str,
        measured: Callable[[Path, str | None], Found],
        text: Callable[[Found], str],
    ) -> None:
        """Measure a part on a new database, and say it."""
        tell(f"Measuring {part} on {database} ...")
        url = None if database == "sqlite" else self.cluster.make_database(part)
        found = measured(self.folder / f"{part}-{database}", url)
        self.say(part, text(found), found.figures(), database)

    def asked(self, titles: Sequence[str] | Mapping[str, str]) -> list[str]:
        """Return those of the operations of a part that are asked for, or all of them."""
        return [name for name in titles if name in (self.options.operations or titles)]

    @contextmanager
    def pair(self, tickets: int) -> Iterator[tuple[Place, Place]]:
        """Run Parley and the ceiling on a new database with so many tickets."""
        url = self.cluster.make_database(f"tickets_{tickets}")
        with ExitStack() as stack:
            own = stack.enter_context(parley(self.folder / f"parley-{tickets}", url))
            tell(f"Making {tickets} tickets ...")
            world = make_world(self.folder / f"parley-{tickets}", url, tickets)
            bare = stack.enter_context(ceiling(self.folder / f"ceiling-{tickets}", url, world.project_id))
            check_same_answers(world, own.address, bare.address, tickets_of(world, range(1, SAMPLE + 1)))
            servers = (Place(one.address, world, one.process.pid, self.cluster.pid) for one in (own, bare))
            yield next(servers), next(servers)

    @contextmanager
    def place(self, database: str, tickets: int) -> Iterator[Place]:
        """Make a database with so many tickets, and run Parley on it."""
        folder = self.folder / f"{database}-{tickets}"
        url = None if database == "sqlite" else self.cluster.make_database(f"size_{tickets}")
        tell(f"Making {tickets} tickets on {database} ...")
        folder.mkdir()
        world = make_world(folder, url or f"sqlite:///{folder}/parley.sqlite3", tickets)
        with parley(folder, url) as own:
            yield Place(own.address, world, own.process.pid, self.cluster.pid)


def tell(text: str) -> None:
    """Say on standard error what happens; standard output holds only results."""
    print(text, file=sys.stderr, flush=True)
