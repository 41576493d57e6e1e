"""A whole report."""

from collections.abc import Mapping
from time import monotonic

from parley.accounts.access_levels.queries.visibility import check_sees_any_ticket
from parley.conversations.support_reports.queries.figures import (
    Counting,
    figures_of,
    figures_of_agents,
    opened_by_channel,
    opened_by_tag,
)
from parley.conversations.support_reports.queries.over_time import backlog_of, intervals_of, names_of_users
from parley.conversations.support_reports.rules import ReportRange, Span, range_of, span_before
from parley.conversations.support_reports.schemas import (
    AgentFigures,
    ReportAgent,
    ReportChannel,
    ReportTag,
    SupportReport,
)
from parley.kernel.database.time_limit import stopped_after
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone

NOBODY = "Programs and workflows"
GONE = "Somebody who is gone"
IDLE = AgentFigures()
LIMIT_S = 60
"""Of a report, once it has its turn; as of an insight."""


def asked_range(services: Services, actor: Actor, query: Mapping[str, str]) -> ReportRange:
    """Return the days that a query asks for, on the wall clock of the project; raises Invalid."""
    return range_of(query, services.clock.now().astimezone(zone(actor.project.timezone)).date())


async def support_report(
    services: Services, actor: Actor, chosen: ReportRange, limit_s: float = LIMIT_S
) -> SupportReport:
    """Return the report of what the caller sees; raises PermissionDenied where that is nothing.

    It reads all of the time at once, so it waits for its turn with the other questions to the events. Raises Throttled where
    many wait, and QueryTookTooLong after so many seconds.
    """
    check_sees_any_ticket(actor)
    here, now = zone(actor.project.timezone), services.clock.now()
    span, past = chosen.span(here), span_before(chosen, here, now)
    async with (
        services.query_turns.taken(str(actor.project_id)),
        services.database.snapshot() as db,
        stopped_after(db, limit_s),
    ):
        await db.allow_hashes()
        counting = Counting(db, actor, monotonic() + limit_s)
        return SupportReport(
            date_from=chosen.first,
            date_to=chosen.last,
            before_from=chosen.before.first,
            before_to=chosen.before.last,
            timezone=actor.project.timezone,
            interval=chosen.interval,
            figures=await figures_of(counting, span),
            before=await figures_of(counting, past),
            intervals=await intervals_of(counting, chosen, here),
            channels=await _channels(counting, span, past),
            tags=await _tags(counting, span, past),
            agents=await _agents(counting, span, past),
            backlog=await backlog_of(counting, now),
        )


async def _channels(counting: Counting, span: Span, past: Span) -> list[ReportChannel]:
    now, before = await opened_by_channel(counting, span), await opened_by_channel(counting, past)
    found = [ReportChannel(name, now.get(name, 0), before.get(name, 0)) for name in {*now, *before}]
    return sorted(found, key=lambda one: (-one.opened, -one.opened_before, one.channel_source))


async def _tags(counting: Counting, span: Span, past: Span) -> list[ReportTag]:
    now = await opened_by_tag(counting, span)
    before = await opened_by_tag(counting, past, list(now)) if now else {}
    return [ReportTag(name, n, before.get(name, 0)) for name, n in now.items()]


async def _agents(counting: Counting, span: Span, past: Span) -> list[ReportAgent]:
    now, before = await figures_of_agents(counting, span), await figures_of_agents(counting, past)
    keys = {*now, *before}
    names = await names_of_users(counting, [key for key in keys if key is not None])
    found = [
        ReportAgent(
            int(key) if key is not None else None,
            names.get(key, GONE) if key is not None else NOBODY,
            now.get(key, IDLE),
            before.get(key, IDLE),
        )
        for key in keys
    ]
    return sorted(found, key=lambda one: (one.user_id is None, -one.current.answers, one.name.casefold()))
