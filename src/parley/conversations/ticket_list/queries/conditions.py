"""Conditions of the filtered ticket list, in SQL.

Each can be checked on the ticket's own row, so that any list can walk the index of its order; those that match few
tickets have an index to start from: ix_ticket_distinct_id, ix_ticket_email, ix_ticket_assignee, ix_ticket_role,
ix_ticket_priority, ix_ticket_sla, ix_ticket_snooze, ix_ticket_tag_name. The others are counted in ix_ticket_facts.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, func, or_, select, union

from parley.conversations.sla.rules import WARNING
from parley.conversations.ticket_list.rules.dates import bound_of
from parley.conversations.ticket_list.rules.filters import TicketFilters
from parley.conversations.tickets.queries.shown import live_tickets
from parley.conversations.tickets.rules import AssigneeIds
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.kernel.database.dialect import folded_holds
from parley.kernel.text.forms import folded

TAG_PROJECT = ticket_tag.c.project_id == bindparam("project_id")


class Moment(msgspec.Struct, frozen=True):
    """When a list is asked for, and by which wall clock."""

    now: datetime
    zone: tzinfo


def matching_tickets(filters: TicketFilters, at: Moment) -> Select[Any]:
    """Start a SELECT of the project's live tickets that fit; the statuses are left to whoever sorts the list."""
    conditions = [
        *_of_columns(filters),
        *_of_changes(filters, at),
        *_of_due_times(filters, at),
        *_of_customers(filters),
        *_of_tags(filters),
    ]
    return live_tickets().where(*conditions)


def in_time(filters: TicketFilters, at: Moment) -> Select[Any]:
    """Start a SELECT of the project's live tickets that changed in the time that the filters name."""
    return live_tickets().where(*_of_changes(filters, at))


def _of_columns(filters: TicketFilters) -> Iterator[ColumnElement[bool]]:
    if filters.is_triaged:
        yield false()
    if filters.priorities:
        yield ticket.c.priority.in_(filters.priorities)
    if filters.channel_source is not None:
        yield ticket.c.channel_source == filters.channel_source
    if filters.channel_detail is not None:
        yield ticket.c.channel_detail == filters.channel_detail
    if filters.assignees:
        yield or_(*_of_assignees(filters.assignees))
    if filters.is_snoozed is not None:
        snooze = ticket.c.snoozed_until
        yield snooze.is_not(None) if filters.is_snoozed else snooze.is_(None)


def _of_assignees(assignees: tuple[AssigneeIds, ...]) -> Iterator[ColumnElement[bool]]:
    users = [one.user_id for one in assignees if one.user_id is not None]
    roles = [one.role_id for one in assignees if one.role_id is not None]
    if users:
        yield ticket.c.assignee_user_id.in_(users)
    if roles:
        yield ticket.c.assignee_role_id.in_(roles)
    if AssigneeIds() in assignees:
        yield and_(ticket.c.assignee_user_id.is_(None), ticket.c.assignee_role_id.is_(None))


def _of_changes(filters: TicketFilters, at: Moment) -> Iterator[ColumnElement[bool]]:
    if filters.date_from is not None:
        yield ticket.c.updated_at >= bound_of(filters.date_from, at.now, at.zone, is_end=False)
    if filters.date_to is not None:
        yield ticket.c.updated_at <= bound_of(filters.date_to, at.now, at.zone, is_end=True)


def _of_due_times(filters: TicketFilters, at: Moment) -> Iterator[ColumnElement[bool]]:
    due = ticket.c.sla_due_at
    if filters.sla == "breached":
        yield due < at.now
    elif filters.sla == "at-risk":
        yield due.between(at.now, at.now + WARNING)
    elif filters.sla == "on-track":
        yield due > at.now + WARNING


def _of_customers(filters: TicketFilters) -> Iterator[ColumnElement[bool]]:
    distinct_ids = ticket.c.distinct_id.in_(filters.distinct_ids)
    # SQLite takes the index only where the statement says what the index leaves out.
    has_address = ticket.c.email_from.is_not(None)
    emails = and_(has_address, func.lower(ticket.c.email_from).in_(filters.emails))
    if filters.distinct_ids and filters.emails:
        # One after the other, since SQLite can't take an index for each side of an OR where one is partial.
        either = (_ids_of_tickets(distinct_ids), _ids_of_tickets(emails))
        yield ticket.c.id.in_(union(*either))
    elif filters.distinct_ids:
        yield distinct_ids
    elif filters.emails:
        yield emails
    if filters.distinct_id_part is not None:
        yield folded_holds(ticket.c.distinct_id, folded(filters.distinct_id_part))


def _ids_of_tickets(condition: ColumnElement[bool]) -> Select[Any]:
    return live_tickets().with_only_columns(ticket.c.id).where(condition).correlate(None)


def _of_tags(filters: TicketFilters) -> Iterator[ColumnElement[bool]]:
    if filters.tags:
        yield ticket.c.id.in_(_tagged(filters.tags))
    for name in filters.tags_all:
        yield ticket.c.id.in_(_tagged((name,)))
    if filters.tags_exclude:
        of_ticket = ticket_tag.c.ticket_id == ticket.c.id
        excluded = ticket_tag.c.name.in_(filters.tags_exclude)
        yield ~exists().where(TAG_PROJECT, of_ticket, excluded).correlate(ticket)


def _tagged(names: tuple[str, ...]) -> Select[Any]:
    return select(ticket_tag.c.ticket_id).where(TAG_PROJECT, ticket_tag.c.name.in_(names))
