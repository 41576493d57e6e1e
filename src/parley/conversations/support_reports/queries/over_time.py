"""What happened in each interval of a report, and what is open now."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select

from parley.accounts.memberships.tables import membership
from parley.accounts.users.rules import user_name
from parley.accounts.users.tables import user_account
from parley.conversations.support_reports.queries.figures import Counting
from parley.conversations.support_reports.queries.happenings import events_in, member, opened
from parley.conversations.support_reports.rules import AGES, ReportRange
from parley.conversations.support_reports.schemas import ReportBacklog, ReportInterval
from parley.conversations.ticket_changes.rules.kinds import SENT, STATUS_CHANGED
from parley.conversations.tickets.rules.fields import STATUSES
from parley.conversations.tickets.tables import FACTS, ticket
from parley.kernel.database.dialect import uuid_of_text
from parley.kernel.sql_functions.aggregates import bucket
from parley.people.events.queries import TICKET_ID
from parley.people.events.tables import event

UNRESOLVED = tuple(status for status in STATUSES if status != "resolved")


async def intervals_of(counting: Counting, chosen: ReportRange, zone: tzinfo) -> list[ReportInterval]:
    """Return how many tickets were opened, answered and resolved in each interval; a ticket counts once in each."""
    span, edges = chosen.span(zone), chosen.edges(zone)
    of_ticket = bucket(ticket.c.created_at, edges).label("nth")
    came = opened(span).with_only_columns(of_ticket, func.count()).where(*counting.is_visible)
    n_opened = _by_interval(await counting.rows(came.group_by("nth")))  # type: ignore[arg-type]
    is_resolved = member("new_status") == "resolved"
    n_answered = _by_interval(await counting.rows(_each(counting, events_in(SENT, span), edges)))
    done = events_in(STATUS_CHANGED, span).where(is_resolved)
    n_resolved = _by_interval(await counting.rows(_each(counting, done, edges)))
    return [
        ReportInterval(start, n_opened.get(n, 0), n_answered.get(n, 0), n_resolved.get(n, 0))
        for n, start in enumerate(chosen.starts)
    ]


def _each(counting: Counting, found: Select[Any], edges: Sequence[datetime]) -> Select[Any]:
    """Count the tickets of events in each interval (ix_event_named)."""
    rows = found.add_columns(
        uuid_of_text(TICKET_ID).label("ticket_id"), bucket(event.c.timestamp, edges).label("nth")
    )
    n_tickets = lambda columns: func.count(distinct(columns.ticket_id))  # noqa: E731
    return counting.seen(rows, "nth", n_tickets).group_by("nth")


def _by_interval(rows: Sequence[Any]) -> dict[int, int]:
    return {int(nth): n for nth, n in rows}


async def backlog_of(counting: Counting, now: datetime) -> list[ReportBacklog]:
    """Return what isn't resolved now, by age (ix_ticket_facts)."""
    is_free = and_(ticket.c.assignee_user_id.is_(None), ticket.c.assignee_role_id.is_(None))
    age = _age_at(now).label("age")
    each = (
        select(
            age,
            func.count(),
            func.count(case((is_free, 1))),
            func.count(case((ticket.c.sla_due_at < now, 1))),
        )
        .where(ticket.c.project_id == counting.actor.project_id, FACTS, ticket.c.status.in_(UNRESOLVED))
        .where(*counting.is_visible)
        .group_by("age")
    )
    found = {row[0]: row[1:] for row in await counting.rows(each)}
    return [ReportBacklog(name, *found.get(name, (0, 0, 0))) for name, _, _ in AGES]


def _age_at(now: datetime) -> ColumnElement[Any]:
    steps = [(ticket.c.created_at > now - below, name) for name, _, below in AGES if below is not None]
    return case(*steps, else_=AGES[-1][0])


async def names_of_users(counting: Counting, keys: Sequence[str]) -> dict[str, str]:
    """Return the names of members by their numbers as texts (primary keys): how others are called now is theirs."""
    ids = [int(key) for key in keys]
    columns = (user_account.c.id, user_account.c.first_name, user_account.c.last_name, user_account.c.email)
    of_organization = membership.c.organization_id == counting.actor.project.organization_id
    wanted: Select[Any] = (
        select(*columns)
        .join(membership, (membership.c.user_id == user_account.c.id) & of_organization)
        .where(user_account.c.id.in_(ids))
    )
    found = (await counting.db.execute(wanted)).all()
    return {str(row.id): user_name(row.first_name, row.last_name, row.email) for row in found}
