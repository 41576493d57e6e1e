"""What was measured of events, insights, recordings and what is made of them, as Markdown."""

from collections.abc import Sequence

from benchmarks.aims import wanted
from benchmarks.answers import KeptAnswers
from benchmarks.figures import slug
from benchmarks.ingest import Ingested
from benchmarks.insights import InsightTimes
from benchmarks.recordings import TimedList, Watching
from benchmarks.replay import Replayed
from benchmarks.reports import LETTERS, TILES, Reported
from benchmarks.subscriptions import Subscribed
from benchmarks.unlocking import Unlocked


def replay_line(done: Replayed) -> str:
    """Return what batches of recorders cost, beside writing and flushing the same bytes."""
    return (
        f"{done.batches} batches of 50 KB ({done.sent_bytes / done.batches / 1000:.1f} KB as sent, "
        f"{done.kept_bytes / done.batches / 1000:.1f} KB as kept): **{done.batches / done.took_s:.0f} a second** "
        f"({wanted('replay.batches.per_second')}); {1000 * done.cpu_s / done.batches:.1f} ms of the server's "
        f"processor time each. Writing and "
        f"flushing the same bytes, one file after the other: {done.batches / done.bare_s:.0f} a second. Memory "
        f"{done.before_mib:.0f} MiB before, {done.after_mib:.0f} MiB after.\n"
    )


def answers_line(done: KeptAnswers) -> str:
    """Return how soon kept answers come."""
    return (
        f"Kept answers on {done.database}, p50 as a client sees it: an insight with {done.n_bytes / 1024:.0f} KB "
        f"**{done.insight_ms:.1f} ms** ({wanted('answers.insight.ms')}), a list of 100 insights {done.list_ms:.1f} "
        f"ms, a dashboard of 20 tiles {done.dashboard_ms:.1f} ms.\n"
    )


def reports_line(done: Reported) -> str:
    """Return how long the mail of a dashboard takes, and what many of them cost."""
    return (
        f"The mail of a dashboard with {TILES} charts ({done.n_bytes / 1024:.0f} KB), from the request until the mail "
        f"server has it: **{done.mail_s:.1f} s** ({wanted('reports.mail.s')}), the first one {done.first_s:.1f} s. "
        f"Of {done.report_s:.1f} s "
        f"for the report {done.drawn_s / done.report_s:.0%} go into the pictures. {LETTERS} such mails take "
        f"{done.cpu_s:.1f} s of a processor each; the server has {done.before_mib:.0f} MiB before and "
        f"{done.after_mib:.0f} MiB after, its drawing processes {done.drawers_mib:.0f} MiB.\n"
    )


def ingest_line(done: Ingested) -> str:
    """Return what captured events cost, beside INSERTs of their rows."""
    own, bare = done.events / done.took_s, done.events / done.bare_s
    return (
        f"{done.events} events with {done.properties_bytes} bytes of properties, 100 in a request, {done.database}: "
        f"**{own:.0f} a second** with one worker ({wanted('ingest.events.per_second')}); "
        f"{1e6 * done.cpu_s / done.events:.0f} µs of its "
        f"processor time each. Bare INSERTs of 100 rows: {bare:.0f} a second, so the ratio is {own / bare:.2f}.\n"
    )


def insight_table(done: InsightTimes) -> str:
    """Return the table of insights that are computed anew, and a line about the inbox."""
    lines = [
        f"| {done.database}, {done.events} events | p50 | to reach | processor time | by hand, p50 |",
        "|---|---|---|---|---|",
    ]
    for one in done.computed:
        bare = f"{one.bare_ms:.0f} ms" if one.bare_ms is not None else ""
        figure = f"insights.{slug(one.title)}_{done.events}.ms@{done.database.lower()}"
        lines.append(
            f"| {one.title} | **{one.p50_ms:.0f} ms** | {wanted(figure)} | {one.cpu_s:.2f} s | {bare} |"
        )
    alone, meanwhile = (f"{p50:.1f} ms ({p95:.1f})" for p50, p95 in (done.list_ms, done.list_meanwhile_ms))
    lines += [
        "",
        f"List of 100 tickets, p50 (p95): {alone}; while two funnels are computed: {meanwhile}.",
        "",
    ]
    return "\n".join(lines)


def subscriptions_line(done: Subscribed) -> str:
    """Return how soon subscriptions that are due at once have all been delivered."""
    return (
        f"{done.subscriptions} subscriptions due in one minute, mailed to a server on this machine, {done.database}: "
        f"all delivered after **{done.took_s:.0f} s** "
        f"({wanted(f'subscriptions.delivered_{done.subscriptions}.s')}), {done.subscriptions / done.took_s:.0f} a "
        f"second; {1000 * done.cpu_s / done.subscriptions:.1f} ms of the server's processor time each. Memory: "
        f"{done.before_mib:.0f} MiB before, {done.most_mib:.0f} at most, {done.after_mib:.0f} after.\n"
    )


def unlocking_line(done: Unlocked) -> str:
    """Return what a try at a password costs, beside a bare hash."""
    return (
        f"A try at the password of a link with {done.passwords} passwords: **{done.right_ms:.0f} ms** of the server's "
        f"processor time for a right one, {done.wrong_ms:.0f} ms for a wrong one ({wanted('unlocking.wrong.ms')}). "
        f"One hash alone takes {done.bare_ms:.0f} ms.\n"
    )


def recording_tables(lists: Sequence[TimedList], watching: Watching, rows: int) -> str:
    """Return how long lists of session recordings take, and how soon the first events of one arrive."""
    lines = [
        f"| List of {rows:,} recordings, 100 on a page | p50 | to reach | bare SELECT |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {one.title} | {one.p50_ms:.1f} ms | {wanted(f'recordings.{slug(one.title)}_{rows}.ms')} | "
        f"{'' if one.bare_ms is None else f'{one.bare_ms:.1f} ms'} |"
        for one in lists
    ]
    return "\n".join(
        [
            *lines,
            "",
            f"21 blocks of 50 KB: the first byte after **{watching.first_ms:.1f} ms** "
            f"({wanted('recordings.first_byte.ms')}; bare "
            f"reads of rows and object {watching.bare_ms:.1f} ms), all {watching.n_bytes:,} bytes after "
            f"{watching.last_ms:.1f} ms. "
            f"The list of its blocks: {watching.sources_ms:.1f} ms.",
            "",
        ]
    )
