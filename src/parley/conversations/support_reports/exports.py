"""The tables of a report as files for spreadsheets (RFC 4180)."""

from collections.abc import Callable, Mapping, Sequence

from parley.conversations.support_reports.schemas import ReportTimes, SupportReport
from parley.kernel.errors import not_a_choice
from parley.kernel.text.csv_cells import CsvRow, csv_file

TIMES = ("first_responses", "first_response_median_seconds", "first_response_p90_seconds")


def asked_table(query: Mapping[str, str]) -> str:
    """Return the name of the table that a query asks for; raises Invalid where there is none of this name."""
    name = query.get("table", "").strip() or "figures"
    if name not in TABLES:
        raise not_a_choice(name, "table")
    return name


def csv_of_report(report: SupportReport, table: str) -> bytes:
    """Return one table of a report."""
    return csv_file(TABLES[table](report))


def _figures(report: SupportReport) -> Sequence[CsvRow]:
    names = ("opened", "answers", "answered", "resolved", "sla_met", "sla_missed")
    now, before = report.figures, report.before
    rows: list[CsvRow] = [(name, getattr(now, name), getattr(before, name)) for name in names]
    for name in ("first_response", "resolution"):
        pairs = (_cells(getattr(now, name)), _cells(getattr(before, name)))
        ends = ("tickets", "median_seconds", "p90_seconds")
        rows += [(f"{name}_{end}", *pair) for end, *pair in zip(ends, *pairs, strict=True)]
    return [("figure", "current", "before"), *rows]


def _intervals(report: SupportReport) -> Sequence[CsvRow]:
    rows = [(one.start.isoformat(), one.opened, one.answered, one.resolved) for one in report.intervals]
    return [(report.interval, "opened", "answered", "resolved"), *rows]


def _channels(report: SupportReport) -> Sequence[CsvRow]:
    rows = [(one.channel_source, one.opened, one.opened_before) for one in report.channels]
    return [("channel", "opened", "opened_before"), *rows]


def _tags(report: SupportReport) -> Sequence[CsvRow]:
    rows = [(one.tag, one.opened, one.opened_before) for one in report.tags]
    return [("tag", "opened", "opened_before"), *rows]


def _agents(report: SupportReport) -> Sequence[CsvRow]:
    names = ("answers", "answered", "resolved", *TIMES)
    head = ("user_id", "name", *names, *(f"{name}_before" for name in names))
    rows = []
    for one in report.agents:
        parts = [
            (part.answers, part.answered, part.resolved, *_cells(part.first_response))
            for part in (one.current, one.before)
        ]
        rows.append((one.user_id, one.name, *parts[0], *parts[1]))
    return [head, *rows]


def _backlog(report: SupportReport) -> Sequence[CsvRow]:
    rows = [(one.age, one.unresolved, one.unassigned, one.overdue) for one in report.backlog]
    return [("age", "unresolved", "unassigned", "overdue"), *rows]


def _cells(times: ReportTimes) -> tuple[int, float | None, float | None]:
    return (times.tickets, _rounded(times.median_seconds), _rounded(times.p90_seconds))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


TABLES: dict[str, Callable[[SupportReport], Sequence[CsvRow]]] = {
    "figures": _figures,
    "intervals": _intervals,
    "channels": _channels,
    "tags": _tags,
    "agents": _agents,
    "backlog": _backlog,
}
