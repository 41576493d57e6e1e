"""A report in words: each figure with that of the time before, and the list of the inbox behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.analytics.charts.rules.chart import Chart
from parley.analytics.charts.rules.charts import chart_of
from parley.analytics.charts.rules.texts import duration, number, percent
from parley.conversations.support_reports.rules import PROGRAMS
from parley.conversations.support_reports.schemas import ReportAgent, ReportTimes, SupportReport
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.names import CHANNEL_NAMES

AGE_NAMES = {
    "under_1_day": ("Under 1 day", "-24h", ""),
    "1_to_3_days": ("1 to 3 days", "-72h", "-24h"),
    "3_to_7_days": ("3 to 7 days", "-168h", "-72h"),
    "7_to_30_days": ("7 to 30 days", "-720h", "-168h"),
    "over_30_days": ("Over 30 days", "", "-720h"),
}
ONCE = "each conversation once"
"""What is counted, where dashboards count how often it happened."""
MOST_TIMES = 10
"""A count that grew by more has no share beside it: "19900% more" says less than both counts."""


class ReportCell(msgspec.Struct, frozen=True):
    """A value in a table; `path` leads to its list, where it has one. `before` is the same of the time before."""

    text: str
    path: str = ""
    before: str = ""


class ReportFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One large figure."""

    name: str
    value: str
    path: str
    before: str
    more: Sequence[ReportCell] = ()


class ReportTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the page; the first cell of a row is its name. `export` is the address of its file."""

    key: str
    title: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[ReportCell]]
    empty: str


def list_path(report: SupportReport, happened: str, **more: Any) -> str:
    """Return the address of the list of the tickets with which something happened in the days of the report."""
    first, last = report.date_from.isoformat(), report.date_to.isoformat()
    address = ListAddress(happened=happened, happened_from=first, happened_to=last, **more)
    return f"/inbox{address.query}"


def figures_in_words(report: SupportReport) -> list[ReportFigure]:
    """Return the large figures."""
    now, before = report.figures, report.before
    return [
        _count(report, "Opened", "opened", now.opened, before.opened),
        _count(report, "Answered", "answered", now.answered, before.answered, _answers(now.answers)),
        _count(report, "Resolved", "resolved", now.resolved, before.resolved, [ReportCell(ONCE)]),
        _time(report, "First response", "first_response", now.first_response, before.first_response),
        _time(report, "Time to resolve", "resolved", now.resolution, before.resolution),
        _due_times(report),
    ]


def _answers(n: int) -> Sequence[ReportCell]:
    return [ReportCell(f"by {number(n)} {'message' if n == 1 else 'messages'}")]


def _count(
    report: SupportReport, name: str, key: str, now: int, before: int, more: Sequence[ReportCell] = ()
) -> ReportFigure:
    path = list_path(report, key)
    return ReportFigure(name=name, value=number(now), path=path, before=compared(now, before), more=more)


def compared(now: int, before: int) -> str:
    """Return a count of the time before, with the change as a share where a share still tells something."""
    if now == before:
        return f"{number(before)} before" if before else "none before either"
    if not before:
        return "nothing before to compare with"
    if now > MOST_TIMES * before:
        return f"{number(now)} now, {number(before)} before"
    share = abs(now - before) / before
    return f"{number(before)} before, {percent(share)} {'more' if now > before else 'fewer'} now"


def _time(report: SupportReport, name: str, key: str, now: ReportTimes, before: ReportTimes) -> ReportFigure:
    slow = [ReportCell(f"9 of 10 within {duration(now.p90_seconds)}")] if now.tickets else []
    return ReportFigure(
        name=name,
        value=duration(now.median_seconds),
        path=list_path(report, key),
        before=f"{duration(before.median_seconds)} before" if before.tickets else "none before",
        more=[ReportCell(f"median of {number(now.tickets)}"), *slow],
    )


def _due_times(report: SupportReport) -> ReportFigure:
    now, before = report.figures, report.before
    return ReportFigure(
        name="Due times met",
        value=_share(now.sla_met, now.sla_missed),
        path=list_path(report, "sla_met"),
        before=_before_share(before.sla_met, before.sla_missed),
        more=[
            ReportCell(f"{number(now.sla_met)} met", list_path(report, "sla_met")),
            ReportCell(f"{number(now.sla_missed)} missed", list_path(report, "sla_missed")),
        ],
    )


def _share(part: int, rest: int) -> str:
    return percent(part / (part + rest)) if part + rest else "-"


def _before_share(met: int, missed: int) -> str:
    return f"{_share(met, missed)} before" if met + missed else "none before"


def tables_in_words(report: SupportReport) -> list[ReportTable]:
    """Return the tables under the figures."""
    return [_agents(report), _backlog(report), _channels(report), _tags(report)]


def _agents(report: SupportReport) -> ReportTable:
    return ReportTable(
        key="agents",
        title="Team",
        about="What each person did. First responses are those that they gave.",
        columns=("Person", "Answered", "Messages", "Resolved", "First responses", "Median", "9 of 10 within"),
        rows=[_agent(report, one) for one in report.agents],
        empty="Nobody answered or resolved anything in these days.",
    )


def _agent(report: SupportReport, one: ReportAgent) -> list[ReportCell]:
    by = PROGRAMS if one.user_id is None else f"user:{one.user_id}"
    now, old, first = one.current, one.before, one.current.first_response

    def cell(key: str, value: int, before: int) -> ReportCell:
        path = list_path(report, key, happened_by=by) if value else ""
        return ReportCell(number(value), path, number(before))

    return [
        ReportCell(one.name),
        cell("answered", now.answered, old.answered),
        ReportCell(number(now.answers), "", number(old.answers)),
        cell("resolved", now.resolved, old.resolved),
        cell("first_response", first.tickets, old.first_response.tickets),
        _length(first.median_seconds, old.first_response.median_seconds),
        _length(first.p90_seconds, old.first_response.p90_seconds),
    ]


def _length(seconds: float | None, before: float | None) -> ReportCell:
    return ReportCell(duration(seconds), before="" if before is None else duration(before))


def _channels(report: SupportReport) -> ReportTable:
    return ReportTable(
        key="channels",
        title="By channel",
        about="Conversations that were opened.",
        columns=("Channel", "Opened"),
        rows=[
            [
                ReportCell(CHANNEL_NAMES.get(one.channel_source, one.channel_source)),
                _opened(report, one.opened, one.opened_before, channel=one.channel_source),
            ]
            for one in report.channels
        ],
        empty="Nothing was opened in these days.",
    )


def _tags(report: SupportReport) -> ReportTable:
    return ReportTable(
        key="tags",
        title="By tag",
        about="Conversations that were opened, by the tags that they have now.",
        columns=("Tag", "Opened"),
        rows=[
            # The address of the inbox divides tags at commas, so one with a comma has no list.
            [ReportCell(one.tag), _opened(report, one.opened, one.opened_before, tag=one.tag)]
            for one in report.tags
        ],
        empty="Nothing that was opened in these days has a tag.",
    )


def _opened(report: SupportReport, now: int, before: int, **narrowed: str) -> ReportCell:
    has_list = now and "," not in narrowed.get("tag", "")
    return ReportCell(
        number(now), list_path(report, "opened", **narrowed) if has_list else "", number(before)
    )


def _backlog(report: SupportReport) -> ReportTable:
    return ReportTable(
        key="backlog",
        title="Open now, by age",
        about="Everything that isn't resolved now, by how long ago it was opened; snoozed conversations, too.",
        columns=("Age", "Unresolved", "Unassigned", "Overdue"),
        rows=[
            [
                ReportCell(AGE_NAMES[one.age][0]),
                _open(one.age, one.unresolved),
                _open(one.age, one.unassigned, who="unassigned"),
                _open(one.age, one.overdue, sla="breached"),
            ]
            for one in report.backlog
        ],
        empty="",
    )


def _open(age: str, value: int, **narrowed: str) -> ReportCell:
    _, start, end = AGE_NAMES[age]
    about: Mapping[str, Any] = {"happened_from": start, "happened_to": end, **narrowed}
    path = f"/inbox{ListAddress(happened='opened', status='active', **about).query}"
    return ReportCell(number(value), path if value else "")


def chart_over_time(report: SupportReport) -> Chart:
    """Return the chart of what was opened, answered and resolved, each day or week."""
    days = [one.start.isoformat() for one in report.intervals]
    lines = {
        name: [getattr(one, name.lower()) for one in report.intervals]
        for name in ("Opened", "Answered", "Resolved")
    }
    results = [
        {"label": name, "data": data, "days": days, "count": sum(data), "action": {"name": name}}
        for name, data in lines.items()
    ]
    query = {
        "kind": "TrendsQuery",
        "interval": report.interval,
        "trendsFilter": {"display": "ActionsLineGraph"},
    }
    return chart_of(query, results, height=260)
