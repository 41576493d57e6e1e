"""What is asked of Parley's speed and size: the one list of all aims, for the table at the end and for every sentence."""

from collections.abc import Iterator

import msgspec

from benchmarks.figures import slug, unit_of, without_database, written

FLAT = 1.1
"""What counts as the same: single runs vary by a tenth."""


class Aim(msgspec.Struct, frozen=True):
    """What a figure is to reach, and who asked for it.

    An aim for a figure without a database is one for each database. `minimum` is the older, easier bound that must not be
    missed whatever becomes of the aim.
    """

    figure: str
    title: str
    value: float
    asked: str
    minimum: float | None = None

    @property
    def part(self) -> str:
        return self.figure.partition(".")[0]

    @property
    def bound(self) -> str:
        """Which side of the value is the right one."""
        return "at least" if unit_of(self.figure).more_is_better else "at most"

    def is_reached(self, measured: float) -> bool:
        return self._keeps(measured, self.value)

    def keeps_minimum(self, measured: float) -> bool:
        """Say whether the figure is within what must not be missed: the minimum, or the aim where there is none."""
        return self._keeps(measured, self.value if self.minimum is None else self.minimum)

    def _keeps(self, measured: float, bound: float) -> bool:
        return measured >= bound if unit_of(self.figure).more_is_better else measured <= bound


def _growth() -> Iterator[Aim]:
    """Yield how much slower a project with a hundred times as many tickets may be."""
    grown = {
        "list": ("list 100 tickets", 1.5),
        "get": ("retrieve one ticket", 1.2),
        "message": ("widget message", 1.2),
        "next": ("`next` page, far from the first", 1.5),
    }
    for name, (title, minimum) in grown.items():
        figure = f"growth.{name}_2000_to_200000.times"
        yield Aim(figure, f"{title}: 200,000 tickets, times that at 2,000", 1.1, "issue 2", minimum)


def _million() -> Iterator[Aim]:
    """Yield what a million tickets may cost on PostgreSQL, beside ten thousand."""
    grown = {
        "list": ("list, default", 1.2, "issue 15", 1.3),
        "filters": ("list, three filters", 1.5, "issue 15", None),
        "get": ("retrieve one ticket", 1.3, "issue 3", None),
        "patch": ("PATCH, the status", 1.3, "issue 3", None),
        "reply": ("reply", 1.3, "issue 3", None),
        "counted": ("`unread_count` after a message, flat", FLAT, "issue 15", None),
    }
    for name, (title, value, asked, minimum) in grown.items():
        figure = f"size.{name}_10000_to_1000000.times@postgresql"
        yield Aim(figure, f"{title}: a million tickets, times that at 10,000", value, asked, minimum)
    figure = "size.{}_1000000.{}@postgresql"
    yield Aim(
        figure.format("far_page", "times"), "page 5,000 of a million tickets, times page 1", FLAT, "issue 15"
    )
    title = "search for a {} word in a million tickets, p95"
    yield Aim(figure.format("anew_p95", "ms"), title.format("common"), 250, "issue 15", 400)
    yield Aim(figure.format("rare_p95", "ms"), title.format("rare"), 150, "issue 3")


def _connections() -> Iterator[Aim]:
    """Yield what many clients at once may see."""
    titles = {"get": "retrieve one ticket", "message": "widget message", "open": "POST tickets"}
    at_64 = "{}: what 64 connections reach, part of what 8 do"
    yield Aim("connections.get_64_of_8.ratio", at_64.format(titles["get"]), 0.95, "issue 15")
    yield Aim("connections.open_64_of_8.ratio", at_64.format(titles["open"]), 1, "issue 15")
    for name, title in titles.items():
        at_256 = f"{title}: what 256 connections reach, part of what 8 do"
        yield Aim(f"connections.{name}_256_of_8.ratio", at_256, 0.95, "issue 15")
        slowest = f"{title}: p99 over p50 at 64 connections"
        yield Aim(f"connections.{name}_64_p99_of_p50.times", slowest, 5, "issue 15")
    failed = "answers that were neither 2xx nor 503 with Retry-After"
    yield Aim("connections.failed.count", failed, 0, "issue 15")


def _insights() -> Iterator[Aim]:
    """Yield how long insights over ten million events may take on PostgreSQL."""
    trends = (
        "page views by day",
        "persons with page views by day",
        "page views by day and browser",
        "page views by day, a condition on the event",
        "page views by day, a condition on the person",
        "all events by day",
        "persons with any event by day",
    )
    for title in trends:
        yield Aim(_insight(title, "postgresql"), f"insight: {title}, p50", 2000, "issue 11")
    funnel = "funnel of three steps"
    yield Aim(_insight(funnel, "postgresql"), f"insight: {funnel}, p50", 4000, "issue 11")


def _insight(title: str, database: str) -> str:
    return f"insights.{slug(title)}_10000000.ms@{database}"


def _interaction() -> Iterator[Aim]:
    """Yield how long a press in the inbox may wait for its picture."""
    presses = (
        "the next conversation, by `j`",
        "a conversation in the middle of the list, by the mouse",
        "a tick, by `x`",
        "the command bar, and away",
        "a letter of an answer",
    )
    for press in presses:
        yield Aim(f"interaction.{slug(press)}.ms", f"press to picture: {press}, p50", 200, "issue 14")


AIMS: tuple[Aim, ...] = (
    Aim("throughput.list.ratio", "list 100 tickets, part of the ceiling", 1.5, "issue 15", 0.60),
    Aim("throughput.get.ratio", "retrieve one ticket, part of the ceiling", 0.75, "issue 15", 0.40),
    Aim("throughput.unread.ratio", "`unread_count`, part of the ceiling", 0.32, "issue 15", 0.25),
    Aim("throughput.message.ratio", "widget message, part of the ceiling", 0.60, "issue 15", 0.30),
    Aim("throughput.open.ratio", "POST tickets, part of the ceiling", 0.50, "issue 15", 0.25),
    Aim("throughput.captured.per_second", "capture, events", 10_000, "issue 2", 5_000),
    *_connections(),
    Aim("group_commit.open.ratio", "POST tickets: 8 writers, times one writer", 3, "issue 15"),
    Aim("group_commit.message.ratio", "widget message: 8 writers, times one writer", 3, "issue 15"),
    Aim("live.notice_p50.ms", "message until its notice is in an open inbox, p50", 6, "issue 2"),
    Aim("live.notice_p95.ms", "message until its notice is in an open inbox, p95", 50, "issue 2"),
    *_growth(),
    *_million(),
    Aim("webhooks.one_endpoint_2000.per_second", "webhooks to one endpoint", 200, "issue 7"),
    Aim("webhooks.five_endpoints_2000.per_second", "webhooks to five endpoints", 500, "issue 7"),
    Aim("webhooks.lost.count", "webhooks that did not come", 0, "issue 7"),
    Aim("webhooks.repeated.count", "webhooks that came twice", 0, "issue 7"),
    Aim("webhooks.reversed.count", "webhooks out of the order of their ticket", 0, "issue 7"),
    Aim("suggestions.suggest_100100.ms", "suggested reply among 100,100 tickets, p50", 150, "issue 9"),
    Aim("inbound.posted.per_second", "posted mails of 20 KB, interpreted", 50, "issue 9"),
    Aim("inbound.by_smtp.per_second", "mails of 20 KB by SMTP, interpreted", 50, "issue 9"),
    Aim("inbound.ledger_1000000.ms", "slowest list of a ledger of a million mails, p50", 30, "issue 9"),
    Aim("files.grown.mib", "growth over a file of 20 MB, up and down", 20, "issue 9"),
    Aim("outbound.mailed.per_second", "answers mailed", 100, "issue 9"),
    Aim("mail.read.per_second", "mails of 20 KB, read", 50, "issue 9"),
    Aim("mail.memory.times", "memory after 10,500 mails, times that after 500", FLAT, "issue 9"),
    Aim("embedded.ready_new.s", "ready on an empty folder", 4, "issue 2"),
    Aim("embedded.ready_again.s", "ready on an existing folder", 0.8, "issue 15", 2),
    Aim("embedded.idle.mib", "memory when idle", 80, "issue 15", 130),
    Aim("recordings.newest_first_1000000.ms", "list of a million recordings, p50", 20, "issue 10"),
    Aim("recordings.first_byte.ms", "first byte of a recording, p50", 15, "issue 10"),
    Aim("replay.batches.per_second", "batches of 50 KB of recorders", 200, "issue 10"),
    Aim("replay.memory.times", "memory after the batches, times that before", FLAT, "issue 10"),
    Aim("unlocking.right.ms", "a right password of a link, processor time", 300, "issue 10"),
    Aim("unlocking.wrong.ms", "a wrong password of a link, processor time", 300, "issue 10"),
    Aim("answers.insight.ms", "kept answer of an insight, p50", 15, "issue 11"),
    Aim("ingest.events.per_second", "captured events with 300 bytes of properties", 10_000, "issue 11", 5_000),
    *_insights(),
    Aim("clickhouse.page_views_by_day_10000000.ms", "ClickHouse: page views by day, p50", 400, "issue 11"),
    Aim("clickhouse.funnel_of_three_steps_10000000.ms", "ClickHouse: funnel, p50", 800, "issue 11"),
    Aim("subscriptions.delivered_10000.s", "10,000 subscriptions due at once, delivered", 300, "issue 11"),
    Aim("subscriptions.memory.times", "memory after subscriptions, times that before", FLAT, "issue 11"),
    Aim("reports.mail.s", "mail of a dashboard with 20 charts", 10, "issue 11"),
    Aim("sign_in.precheck.ms", "precheck of the sign-in page, p50", 5, "issue 12"),
    Aim("scim.sync_10000.s", "SCIM: 10,000 people and 200 groups", 120, "issue 12"),
    Aim("scim.list.ms", "SCIM: list of 100 among 50,000, p50", 40, "issue 12"),
    Aim("mcp.list_2025.times", "list by MCP (2025), times that of the API", 1.5, "issue 13"),
    Aim("mcp.list_2026.times", "list by MCP (2026), times that of the API", 1.5, "issue 13"),
    Aim("mcp.idle_client.kb", "memory of an idle client of MCP", 50, "issue 13"),
    Aim("pages.inbox_200000.ms@postgresql", "page: the inbox of 200,000 tickets, p50", 40, "issue 14"),
    Aim("pages.changed_200000.ms@postgresql", "page: the same after a change, p50", 40, "issue 14"),
    Aim("pages.view_200000.ms@postgresql", "page: a saved view, p50", 40, "issue 14"),
    Aim("pages.thread_200000.ms@postgresql", "page: a conversation of 200 messages, p50", 40, "issue 14"),
    *_interaction(),
)  # fmt: skip
_BY_FIGURE = {aim.figure: aim for aim in AIMS}


def aim_of(figure: str) -> Aim | None:
    """Return the aim for a figure, if it has one."""
    return _BY_FIGURE.get(figure) or _BY_FIGURE.get(without_database(figure))


def wanted(figure: str) -> str:
    """Return what a figure is to reach, as it stands in a sentence: "at most 40 ms"."""
    aim = aim_of(figure)
    if aim is None:
        return "no aim"
    if aim.minimum is None:
        return f"{aim.bound} {written(figure, aim.value)}"
    return f"{aim.bound} {written(figure, aim.minimum)}, aim {written(figure, aim.value)}"
