"""The parts that measure one feature each, with a server and a database of its own."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from benchmarks import analytics_report, mail_report, report
from benchmarks.answers import measure_answers
from benchmarks.audit_log import audit_log_line, measure_audit_log
from benchmarks.clickhouse import clickhouse_lines, measure_clickhouse
from benchmarks.embedded import measure_embedded
from benchmarks.figures import merged
from benchmarks.inbound import inbound_figures, measure_inbound
from benchmarks.inbound_smtp import measure_inbound_smtp
from benchmarks.ingest import measure_ingest
from benchmarks.insights import measure_insights
from benchmarks.interaction import interaction_table, measure_interaction
from benchmarks.large_files import measure_large_files
from benchmarks.mail_reading import measure_mail_reading
from benchmarks.mcp import mcp_line, measure_mcp
from benchmarks.options import EVENTS
from benchmarks.outbound import measure_outbound
from benchmarks.pages import measure_pages, pages_table
from benchmarks.recordings import measure_recordings
from benchmarks.replay import measure_replay
from benchmarks.reports import measure_reports
from benchmarks.run import Run, tell
from benchmarks.scim import measure_scim, scim_line
from benchmarks.sign_in import measure_sign_in, sign_in_line
from benchmarks.subscriptions import measure_subscriptions
from benchmarks.unlocking import measure_unlocking
from benchmarks.webhooks import measure_webhooks, webhook_figures


def run_features(run: Run, parts: Sequence[str]) -> None:
    """Run those of the parts here that were asked for."""
    for name, measure in ALONE.items():
        if name in parts:
            tell(f"Measuring {name} ...")
            with run.attempt(name):
                measure(run)
    for name, measure_on in ON_BOTH.items():
        for database in run.options.databases if name in parts else ():
            with run.attempt(f"{name} on {database}"):
                measure_on(run, database)


def inbound(run: Run) -> None:
    """Measure inbound mail on PostgreSQL: posted, the list of its ledger, and by SMTP."""
    url, options = run.cluster.make_database("inbound"), run.options
    posted, lists = measure_inbound(run.folder / "inbound", url, options.mails, options.ledger)
    run.say("inbound", mail_report.inbound_tables(posted, lists), inbound_figures(posted, lists))
    url = run.cluster.make_database("inbound_smtp")
    brought = measure_inbound_smtp(run.folder / "inbound-smtp", url, options.mails)
    figures = {"by_smtp.per_second": brought.per_second, "by_smtp_cpu.ms": brought.cpu_ms}
    run.say("inbound", mail_report.inbound_smtp_line(brought), figures)


def files(run: Run) -> None:
    """Send and fetch large files."""
    found = measure_large_files(run.folder / "files", run.cluster.make_database("files"))
    run.say("files", mail_report.large_files_line(found), found.figures())


def mail(run: Run) -> None:
    """Read mails in the processes that a server has for it."""
    found = asyncio.run(measure_mail_reading())
    run.say("mail", mail_report.mail_line(found), found.figures())


def recordings(run: Run) -> None:
    """Time lists of session recordings and the first events of one on PostgreSQL."""
    many, url = run.options.recordings, run.cluster.make_database("recordings")
    lists, watching = measure_recordings(run.folder / "recordings", url, many)
    text = analytics_report.recording_tables(lists, watching, many)
    run.say("recordings", text, merged([*lists, watching]))


def replay(run: Run) -> None:
    """Measure batches of recorders on SQLite and a folder."""
    found = measure_replay(run.folder / "replay", run.options.batches)
    run.say("replay", analytics_report.replay_line(found), found.figures())


def unlocking(run: Run) -> None:
    """Measure tries at passwords of shared links on SQLite."""
    found = measure_unlocking(run.folder / "unlocking")
    run.say("unlocking", analytics_report.unlocking_line(found), found.figures())


def reports(run: Run) -> None:
    """Mail dashboards."""
    found = measure_reports(run.folder / "reports")
    run.say("reports", analytics_report.reports_line(found), found.figures())


def interaction(run: Run) -> None:
    """Press keys in the inbox in a real browser."""
    found = measure_interaction(run.folder / "interaction")
    run.say("interaction", interaction_table(found), merged(found))


def clickhouse(run: Run) -> None:
    """Ask ClickHouse's engine for insights."""
    found = measure_clickhouse(run.folder / "clickhouse", run.options.stored)
    run.say("clickhouse", clickhouse_lines(found), found.figures())


def embedded(run: Run) -> None:
    """Start Parley as one process with a folder."""
    found = measure_embedded()
    run.say("embedded", report.embedded_lines(found), found.figures())


def webhooks(run: Run, database: str) -> None:
    """Count the webhooks a second."""
    tell(f"Measuring webhooks on {database} ...")
    url = None if database == "sqlite" else run.cluster.make_database("webhooks")
    found = measure_webhooks(run.folder / f"webhooks-{database}", url, run.options.webhooks)
    run.say("webhooks", report.webhook_table(found, database), webhook_figures(found), database)


def outbound(run: Run, database: str) -> None:
    """Measure mail to customers."""
    many, line = run.options.mails, mail_report.outbound_line
    run.measure("outbound", database, lambda folder, url: measure_outbound(folder, url, many), line)


def ingest(run: Run, database: str) -> None:
    """Measure captured events."""
    many, line = run.options.events, analytics_report.ingest_line
    run.measure("ingest", database, lambda folder, url: measure_ingest(folder, url, many), line)


def insights(run: Run, database: str) -> None:
    """Time insights that are computed anew."""
    many, pid, table = run.options.stored or EVENTS[database], run.cluster.pid, analytics_report.insight_table
    run.measure("insights", database, lambda folder, url: measure_insights(folder, url, many, pid), table)


def subscriptions(run: Run, database: str) -> None:
    """Measure subscriptions that are due at once."""
    many, line = run.options.subscriptions, analytics_report.subscriptions_line
    run.measure("subscriptions", database, lambda folder, url: measure_subscriptions(folder, url, many), line)


def answers(run: Run, database: str) -> None:
    """Time answers of insights that are kept."""
    run.measure("answers", database, measure_answers, analytics_report.answers_line)


def sign_in(run: Run, database: str) -> None:
    """Time what the sign-in page waits for."""
    run.measure("sign_in", database, measure_sign_in, sign_in_line)


def scim(run: Run, database: str) -> None:
    """Measure an identity provider that brings a company."""
    many = run.options.people
    run.measure("scim", database, lambda folder, url: measure_scim(folder, url, many), scim_line)


def audit_log(run: Run, database: str) -> None:
    """Time searches in the audit log of a large organization."""
    run.measure("audit_log", database, measure_audit_log, audit_log_line)


def mcp(run: Run, database: str) -> None:
    """Compare a list by MCP with that of the API."""
    run.measure("mcp", database, measure_mcp, mcp_line)


def pages(run: Run, database: str) -> None:
    """Time the pages of the inbox."""
    many = run.options.large
    run.measure("pages", database, lambda folder, url: measure_pages(folder, url, many), pages_table)


_ALONE = (mail, inbound, replay, unlocking, files, recordings, interaction, reports, clickhouse, embedded)
_ON_BOTH = (
    webhooks, outbound, answers, ingest, insights, subscriptions, sign_in, scim, audit_log, mcp, pages,
)  # fmt: skip
ALONE: Mapping[str, Callable[[Run], None]] = {one.__name__: one for one in _ALONE}
ON_BOTH: Mapping[str, Callable[[Run, str], None]] = {one.__name__: one for one in _ON_BOTH}
