"""`make bench`: measure, and print the tables of docs/performance.md."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import report
from benchmarks.answers import measure_answers
from benchmarks.at_size import TITLES as AT_SIZE
from benchmarks.at_size import measure_sizes
from benchmarks.audit_log import audit_log_line, measure_audit_log
from benchmarks.clickhouse import measure_clickhouse
from benchmarks.cluster import DurablePostgres, durable_postgres, machine
from benchmarks.embedded import measure_embedded
from benchmarks.growth import GROWING, measure_growth
from benchmarks.hostile import measure_stalls
from benchmarks.inbound import measure_inbound
from benchmarks.inbound_smtp import measure_inbound_smtp
from benchmarks.ingest import measure_ingest
from benchmarks.insights import measure_insights
from benchmarks.interaction import interaction_table, measure_interaction
from benchmarks.large_files import measure_large_files
from benchmarks.live import measure_live
from benchmarks.load import LoadFailed, check_wrk
from benchmarks.mail_reading import measure_mail_reading
from benchmarks.mcp import mcp_line, measure_mcp
from benchmarks.operations import SAMPLE, TITLES, requests_of
from benchmarks.options import EVENTS, LOADED, PARTS, SIZES, make_parser
from benchmarks.outbound import measure_outbound
from benchmarks.pages import measure_pages, pages_table
from benchmarks.profiling import profile
from benchmarks.programs import ProgramFailed, ceiling, parley
from benchmarks.recordings import measure_recordings
from benchmarks.replay import measure_replay
from benchmarks.reports import measure_reports
from benchmarks.same import check_same_answers
from benchmarks.scim import measure_scim, scim_line
from benchmarks.sign_in import measure_sign_in, sign_in_line
from benchmarks.subscriptions import measure_subscriptions
from benchmarks.suggestions import index_world, measure_suggestions
from benchmarks.throughput import Place, Side, compare
from benchmarks.unlocking import measure_unlocking
from benchmarks.webhooks import measure_webhooks
from benchmarks.world import make_world, sign_in, tickets_of
from tests.servers import ServerFailed


class Bench:
    """One run: a cluster, a folder, and what was asked for."""

    def __init__(self, options: argparse.Namespace, cluster: DurablePostgres, folder: Path) -> None:
        self.options = options
        self.cluster = cluster
        self.folder = folder

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

    def throughput(self, own: Place, bare: Place) -> None:
        """Compare each operation and print the table."""
        world = own.world
        found = {}
        for name in self.asked(TITLES):
            tell(f"Measuring {TITLES[name]} ...")
            asks = requests_of(name, world, tickets_of(world, range(1, SAMPLE + 1)))
            sides = (Side(place, asks) for place in (own, bare))
            found[name] = compare(*sides, rounds=self.options.rounds, seconds=self.options.seconds)
        print(report.throughput_table(found), flush=True)

    def asked(self, titles: Mapping[str, str]) -> list[str]:
        """Return those of the operations of a part that are asked for, or all of them."""
        return [name for name in titles if name in (self.options.operations or titles)]

    def live(self, own: Place) -> None:
        """Time notices in an open inbox and print two figures."""
        tell("Measuring messages until they are seen in the inbox ...")
        tickets = tickets_of(own.world, range(SAMPLE + 1, SAMPLE + 51))
        found = asyncio.run(measure_live(own.address, own.world, sign_in(own.address), tickets))
        print(report.live_line(found), flush=True)

    def growth(self, small: tuple[Place, Place]) -> None:
        """Compare a large project with the small one and print the table."""
        rounds, seconds = self.options.rounds, self.options.seconds
        with self.pair(self.options.large) as large:
            tell("Measuring growth ...")
            own = measure_growth(small[0], large[0], (*GROWING, "next"), rounds, seconds)
            bare = measure_growth(small[1], large[1], GROWING, rounds, seconds)
        print(report.growth_table(own, bare, self.options.small, self.options.large), flush=True)

    def size(self, database: str, sizes: Sequence[int]) -> None:
        """Time one client in projects of these sizes, and print a table."""
        names = self.asked(AT_SIZE)
        with ExitStack() as stack:
            places = [stack.enter_context(self.place(database, tickets)) for tickets in sizes]
            tell(f"Measuring one client at a time on {database} ...")
            found = []
            for timed in measure_sizes(places, names, self.options.rounds):
                found.append(timed)
                tell(report.size_line(timed))
        print(report.size_table(found, database, sizes), flush=True)

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

    def webhooks(self, database: str) -> None:
        """Count the webhooks a second and print a table."""
        many, table = self.options.webhooks, report.webhook_table
        self._say(
            "webhooks", database, lambda folder, url: table(measure_webhooks(folder, url, many), database)
        )

    def suggestions(self) -> None:
        """Time suggested replies on PostgreSQL and print a line."""
        with self.place("postgresql", self.options.suggestions) as place:
            tell("Indexing past answers ...")
            index_world(place.world.database_url, place.world.project_id)
            resolved = place.world.tickets * 7 // 10  # as `rows.py` makes them
            print(report.suggestion_line(measure_suggestions(place, resolved)), flush=True)

    def inbound(self) -> None:
        """Measure inbound mail on PostgreSQL, and print two tables."""
        tell("Measuring inbound mail ...")
        url = self.cluster.make_database("inbound")
        found = measure_inbound(self.folder / "inbound", url, self.options.mails, self.options.ledger)
        print(report.inbound_tables(*found), flush=True)
        url = self.cluster.make_database("inbound_smtp")
        done = measure_inbound_smtp(self.folder / "inbound-smtp", url, self.options.mails)
        print(report.inbound_smtp_line(done), flush=True)

    def files(self) -> None:
        """Send and fetch large files, and print a line."""
        tell("Measuring large files ...")
        found = measure_large_files(self.folder / "files", self.cluster.make_database("files"))
        print(report.large_files_line(found), flush=True)

    def outbound(self, database: str) -> None:
        """Measure mail to customers, and print a line."""
        many, line = self.options.mails, report.outbound_line
        self._say("outbound", database, lambda folder, url: line(measure_outbound(folder, url, many)))

    def ingest(self, database: str) -> None:
        """Measure captured events, and print a line."""
        many, line = self.options.events, report.ingest_line
        self._say("ingest", database, lambda folder, url: line(measure_ingest(folder, url, many)))

    def insights(self, database: str) -> None:
        """Time insights that are computed anew, and print a table."""
        events, pid, table = self.options.stored or EVENTS[database], self.cluster.pid, report.insight_table
        self._say("insights", database, lambda folder, url: table(measure_insights(folder, url, events, pid)))

    def subscriptions(self, database: str) -> None:
        """Measure subscriptions that are due at once, and print a line."""
        many, line = self.options.subscriptions, report.subscriptions_line
        self._say(
            "subscriptions", database, lambda folder, url: line(measure_subscriptions(folder, url, many))
        )

    def scim(self, database: str) -> None:
        """Measure an identity provider that brings a company, and print a line."""
        people = self.options.people
        self._say("scim", database, lambda folder, url: scim_line(measure_scim(folder, url, people)))

    def audit_log(self, database: str) -> None:
        """Time searches in the audit log of a large organization, and print a line."""
        self._say("audit_log", database, lambda folder, url: audit_log_line(measure_audit_log(folder, url)))

    def mcp(self, database: str) -> None:
        """Compare a list by MCP with that of the API, and print a line."""
        self._say("mcp", database, lambda folder, url: mcp_line(measure_mcp(folder, url)))

    def pages(self, database: str) -> None:
        """Time the pages of the inbox, and print a table."""
        many = self.options.large
        self._say("pages", database, lambda folder, url: pages_table(measure_pages(folder, url, many)))

    def _say(self, name: str, database: str, measured: Callable[[Path, str | None], str]) -> None:
        tell(f"Measuring {name} on {database} ...")
        url = None if database == "sqlite" else self.cluster.make_database(name)
        print(measured(self.folder / f"{name}-{database}", url), flush=True)

    def recordings(self) -> None:
        """Time lists of session recordings and the first events of one on PostgreSQL, and print a table."""
        tell("Measuring session recordings ...")
        url = self.cluster.make_database("recordings")
        found = measure_recordings(self.folder / "recordings", url, self.options.recordings)
        print(report.recording_tables(*found, self.options.recordings), flush=True)

    def replay(self) -> None:
        """Measure batches of recorders on SQLite and a folder, and print a line."""
        tell("Measuring batches of recorders ...")
        print(report.replay_line(measure_replay(self.folder / "replay", self.options.batches)), flush=True)

    def unlocking(self) -> None:
        """Measure tries at passwords of shared links on SQLite, and print a line."""
        tell("Measuring passwords of shared links ...")
        print(report.unlocking_line(measure_unlocking(self.folder / "unlocking")), flush=True)

    def answers(self, database: str) -> None:
        """Time answers of insights that are kept, and print a line."""
        self._say("answers", database, lambda folder, url: report.answers_line(measure_answers(folder, url)))

    def sign_in(self, database: str) -> None:
        """Time what the sign-in page waits for, and print a line."""
        self._say("sign_in", database, lambda folder, url: sign_in_line(measure_sign_in(folder, url)))

    def interaction(self) -> None:
        """Press keys in the inbox in a real browser, and print a table."""
        tell("Pressing keys in the inbox ...")
        print(interaction_table(measure_interaction(self.folder / "interaction")), flush=True)

    def run(self) -> None:
        """Run the parts that were asked for."""
        parts = self.options.parts or PARTS
        if {"throughput", "live", "growth"} & set(parts):
            with self.pair(self.options.small) as small:
                if "throughput" in parts:
                    self.throughput(*small)
                if "live" in parts:
                    self.live(small[0])
                if "growth" in parts:
                    self.growth(small)
        if "size" in parts:
            for database in self.options.databases:
                self.size(database, self.options.sizes or SIZES[database])
        if "hostile" in parts:
            with self.place("sqlite", self.options.small) as place:
                tell("Sending hostile requests ...")
                print(report.stall_table(asyncio.run(measure_stalls(place.address, place.world))), flush=True)
        if "mail" in parts:
            tell("Reading mails ...")
            print(report.mail_line(asyncio.run(measure_mail_reading())), flush=True)
        alone = (self.suggestions, self.inbound, self.replay, self.unlocking, self.files, self.recordings)
        for measure in (*alone, self.interaction):
            if measure.__name__ in parts:
                measure()
        both = (self.webhooks, self.outbound, self.answers, self.ingest, self.insights, self.subscriptions)
        for each in (*both, self.sign_in, self.scim, self.audit_log, self.mcp, self.pages):
            for database in self.options.databases if each.__name__ in parts else ():
                each(database)
        if "reports" in parts:
            tell("Mailing dashboards ...")
            print(report.reports_line(measure_reports(self.folder / "reports")), flush=True)
        if "clickhouse" in parts:
            print(measure_clickhouse(self.folder / "clickhouse", self.options.stored), flush=True)
        if "embedded" in parts:
            tell("Measuring the embedded size ...")
            print(report.embedded_lines(measure_embedded()), flush=True)


def tell(text: str) -> None:
    """Say on standard error what happens; standard output holds only results."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = make_parser()
    options = parser.parse_args()
    if unknown := set(options.parts).difference(PARTS):
        parser.error(f"there is no part {sorted(unknown)[0]!r}; there are {', '.join(PARTS)}")
    try:
        if options.profile or not options.parts or LOADED.intersection(options.parts):
            check_wrk()
        with tempfile.TemporaryDirectory(prefix="parley-bench-") as name, durable_postgres() as cluster:
            if options.profile:
                print(profile(options.profile, cluster, Path(name), options.small, options.seconds))
                return 0
            print(f"{machine()}\n", flush=True)
            Bench(options, cluster, Path(name)).run()
    except (LoadFailed, ProgramFailed, ServerFailed) as error:
        tell(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
