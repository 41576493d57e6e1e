"""The figures of a report, of the tickets that the caller sees."""

from collections.abc import Sequence
from time import monotonic
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, case, func, select

from parley.accounts.access_levels.queries.visibility import access_values, visibility_of, visible_tickets
from parley.conversations.support_reports.queries.happenings import (
    answered,
    due_times,
    first_responses,
    opened,
    resolved,
)
from parley.conversations.support_reports.rules import Span
from parley.conversations.support_reports.schemas import AgentFigures, ReportTimes, SupportFigures
from parley.conversations.tickets.tables import LIVE, ticket, ticket_tag
from parley.kernel.database.time_limit import QueryTookTooLong
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.sql_functions.aggregates import percentile

MOST_TAGS = 100
NO_TIMES = ReportTimes(0, None, None)


class Counting(msgspec.Struct, frozen=True):
    """A transaction in which somebody's figures are counted, until a moment of the monotonic clock."""

    db: Db
    actor: Actor
    until: float

    async def rows(self, statement: Select[Any]) -> Sequence[Any]:
        """Return the rows of a SELECT; raises QueryTookTooLong."""
        if monotonic() > self.until:
            raise QueryTookTooLong
        values = {"project_id": self.actor.project_id, **access_values(self.actor)}
        return (await self.db.execute(statement, values)).all()

    def seen(self, found: Select[Any], *columns: Any) -> Select[Any]:
        """Select columns of what happened (`happened`), of tickets that are there and that the caller sees."""
        happened = found.subquery("happened")
        is_same = (ticket.c.project_id == self.actor.project_id) & (ticket.c.id == happened.c.ticket_id)
        named = [happened.c[one] if isinstance(one, str) else one(happened.c) for one in columns]
        return select(*named).select_from(happened.join(ticket, is_same)).where(LIVE, *self.is_visible)

    @property
    def is_visible(self) -> list[ColumnElement[bool]]:
        return visible_tickets(visibility_of(self.actor), ticket.c.id)


def _n(_: Any) -> ColumnElement[int]:
    return func.count()


def _times(columns: Any) -> ColumnElement[Any]:
    return percentile(0.5, columns.seconds)


def _long_times(columns: Any) -> ColumnElement[Any]:
    return percentile(0.9, columns.seconds)


TIMES = (_n, _times, _long_times)


async def figures_of(counting: Counting, span: Span) -> SupportFigures:
    """Return what happened in a time."""
    visible = counting.is_visible
    ((n_opened,),) = await counting.rows(opened(span).with_only_columns(func.count()).where(*visible))
    ((n_answered, n_answers),) = await counting.rows(
        counting.seen(answered(span), _n, lambda c: func.coalesce(func.sum(c.n_answers), 0))
    )
    (first,) = await counting.rows(counting.seen(first_responses(span), *TIMES))
    (last,) = await counting.rows(counting.seen(resolved(span), *TIMES))
    ((n_due, n_missed),) = await counting.rows(
        counting.seen(due_times(span), _n, lambda c: func.count(case((c.n_missed > 0, 1))))
    )
    return SupportFigures(
        opened=n_opened,
        answers=int(n_answers),
        answered=n_answered,
        first_response=ReportTimes(*first),
        resolution=ReportTimes(*last),
        sla_met=n_due - n_missed,
        sla_missed=n_missed,
    )


async def opened_by_channel(counting: Counting, span: Span) -> dict[str, int]:
    """Return how many tickets came in by each channel (ix_ticket_created)."""
    each = opened(span).with_only_columns(ticket.c.channel_source, func.count()).where(*counting.is_visible)
    return dict([tuple(row) for row in await counting.rows(each.group_by(ticket.c.channel_source))])


async def opened_by_tag(counting: Counting, span: Span, names: Sequence[str] | None = None) -> dict[str, int]:
    """Return how many tickets that came in have a tag: those with most, or the ones that are named."""
    is_same = (ticket_tag.c.project_id == ticket.c.project_id) & (ticket_tag.c.ticket_id == ticket.c.id)
    n = func.count().label("n")
    each = opened(span).join_from(ticket, ticket_tag, is_same).with_only_columns(ticket_tag.c.name, n)
    each = each.where(*counting.is_visible).group_by(ticket_tag.c.name)
    if names is not None:
        each = each.where(ticket_tag.c.name.in_(names))
    found = await counting.rows(each.order_by(n.desc(), ticket_tag.c.name).limit(MOST_TAGS))
    return dict([tuple(row) for row in found])


async def figures_of_agents(counting: Counting, span: Span) -> dict[str | None, AgentFigures]:
    """Return what each of the team did, by the number of their user as text; None are programs."""
    actor_id = "actor_id"
    said = await counting.rows(
        counting.seen(answered(span, by_actor=True), actor_id, _n, lambda c: func.sum(c.n_answers)).group_by(
            "actor_id"
        )
    )
    first = await counting.rows(
        counting.seen(first_responses(span, by_actor=True), actor_id, *TIMES).group_by("actor_id")
    )
    done = await counting.rows(
        counting.seen(resolved(span, by_actor=True), actor_id, _n).group_by("actor_id")
    )
    n_answers = {row[0]: (row[1], int(row[2])) for row in said}
    times = {row[0]: ReportTimes(*row[1:]) for row in first}
    n_resolved = {row[0]: row[1] for row in done}
    return {
        key: AgentFigures(
            answered=n_answers.get(key, (0, 0))[0],
            answers=n_answers.get(key, (0, 0))[1],
            resolved=n_resolved.get(key, 0),
            first_response=times.get(key, NO_TIMES),
        )
        for key in {*n_answers, *times, *n_resolved}
    }
