"""Conditions of the filtered ticket list and of its search, in SQL.

Each can be checked on the ticket's own row, so that any list can walk the index of its order; those that match few
tickets have an index to start from: ix_ticket_distinct_id, ix_ticket_email, ix_ticket_assignee, ix_ticket_role,
ix_ticket_priority, ix_ticket_sla, ix_ticket_snooze, ix_ticket_tag_name. The others are counted in ix_ticket_facts.

The index of texts says which tickets hold the words of a search (`conversations/search`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union,
)

from parley.conversations.messages.tables import note_mention
from parley.conversations.search.indexed_text import LOOKED_AT, NO_TICKET
from parley.conversations.search.queries import PROJECT, has_text_with, texts_with
from parley.conversations.search.tables import search_text
from parley.conversations.sla.rules import WARNING
from parley.conversations.support_reports.queries.happenings import tickets_with
from parley.conversations.support_reports.rules import span_of_list
from parley.conversations.ticket_api.queries.shown import live_tickets
from parley.conversations.ticket_list.rules.dates import EARLIEST, LATEST, TICK, bound_of
from parley.conversations.ticket_list.rules.filters import TicketFilters
from parley.conversations.tickets.rules.assignees import AssigneeIds
from parley.conversations.tickets.tables import DELETED, comment, ticket, ticket_merge, ticket_tag
from parley.kernel.database.dialect import folded_holds
from parley.kernel.text.forms import folded
from parley.kernel.text.search_terms import is_indexed, parts_of

MINE = ticket.c.project_id == PROJECT
TAG_PROJECT = ticket_tag.c.project_id == bindparam("project_id")
NOW, SOON, SINCE, UNTIL = (
    bindparam(name, type_=ticket.c.updated_at.type)
    for name in ("now", "soon", "changed_since", "changed_until")
)
"""The moments that filters name: see `times_of`."""


class ListMoment(msgspec.Struct, frozen=True):
    """When a list is asked for, and by which wall clock."""

    now: datetime
    zone: tzinfo


def times_of(filters: TicketFilters, at: ListMoment) -> dict[str, datetime]:
    """Return the values of the moments in a SELECT with these filters. So its text is the same whenever it is asked."""
    found = {"now": at.now, "soon": at.now + WARNING}
    if filters.date_from is not None:
        found["changed_since"] = bound_of(filters.date_from, at.now, at.zone, is_end=False)
    if filters.date_to is not None:
        found["changed_until"] = bound_of(filters.date_to, at.now, at.zone, is_end=True)
    return found


def in_time(filters: TicketFilters) -> Select[Any]:
    """Start a SELECT of the project's live tickets that changed in the time that the filters name."""
    found = live_tickets()
    if filters.date_from is not None:
        found = found.where(ticket.c.updated_at >= SINCE)
    if filters.date_to is not None:
        found = found.where(ticket.c.updated_at <= UNTIL)
    return found


def matching_tickets(filters: TicketFilters, at: ListMoment) -> Select[Any]:
    """Start a SELECT of the project's live tickets that fit; the statuses are left to whoever sorts the list."""
    return fitting_tickets(filters).where(*_of_happenings(filters, at))


def fitting_tickets(filters: TicketFilters) -> Select[Any]:
    """Return what `matching_tickets` does for filters of no happening. The values of `times_of` go with both."""
    return in_time(filters).where(*_of_ticket(filters), *_of_customer(filters), *_of_tags(filters))


def _of_happenings(filters: TicketFilters, at: ListMoment) -> Iterator[ColumnElement[bool]]:
    """Yield the condition of the lists behind the figures of a support report (ix_event_named, ix_ticket_created)."""
    if filters.happened is None:
        return
    start, end = filters.happened_from, filters.happened_to
    since = bound_of(start, at.now, at.zone, is_end=False) if start else EARLIEST
    until = bound_of(end, at.now, at.zone, is_end=True) + TICK if end else LATEST
    span = span_of_list(filters.happened, since, until, at.now)
    if filters.happened == "opened":
        yield and_(ticket.c.created_at >= span.start, ticket.c.created_at < span.end)
    else:
        yield ticket.c.id.in_(tickets_with(filters.happened, span, filters.happened_by))


def _of_ticket(filters: TicketFilters) -> Iterator[ColumnElement[bool]]:
    if filters.is_triaged:
        yield false()
    if filters.priorities:
        yield _among(ticket.c.priority, filters.priorities)
    if filters.channel_source is not None:
        yield ticket.c.channel_source == filters.channel_source
    if filters.channel_detail is not None:
        yield ticket.c.channel_detail == filters.channel_detail
    if filters.assignees:
        yield or_(*_of_assignees(filters.assignees))
    if filters.is_snoozed is not None:
        snooze = ticket.c.snoozed_until
        yield snooze.is_not(None) if filters.is_snoozed else snooze.is_(None)
    if filters.mentioned is not None:
        yield ticket.c.id.in_(tickets_that_mention(filters.mentioned))
    if filters.sla == "breached":
        yield ticket.c.sla_due_at < NOW
    elif filters.sla == "at-risk":
        yield ticket.c.sla_due_at.between(NOW, SOON)
    elif filters.sla == "on-track":
        yield ticket.c.sla_due_at > SOON


def tickets_that_mention(user_id: Any) -> Select[Any]:
    """Select the ids of the tickets with a note that mentions a user (primary keys)."""
    note = and_(comment.c.project_id == note_mention.c.project_id, comment.c.id == note_mention.c.comment_id)
    found = select(comment.c.ticket_id).join_from(note_mention, comment, note)
    return found.where(
        note_mention.c.project_id == PROJECT, note_mention.c.user_id == user_id, comment.c.deleted == false()
    )


def _of_assignees(assignees: tuple[AssigneeIds, ...]) -> Iterator[ColumnElement[bool]]:
    users = [one.user_id for one in assignees if one.user_id is not None]
    roles = [one.role_id for one in assignees if one.role_id is not None]
    if users:
        yield _among(ticket.c.assignee_user_id, users)
    if roles:
        yield _among(ticket.c.assignee_role_id, roles)
    if AssigneeIds() in assignees:
        yield and_(ticket.c.assignee_user_id.is_(None), ticket.c.assignee_role_id.is_(None))


def _among(column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition with a parameter for each value, as statements need that are prepared with them."""
    return column.in_([literal(value, column.type) for value in values])  # type: ignore[no-any-return]


def _of_customer(filters: TicketFilters) -> Iterator[ColumnElement[bool]]:
    if not (filters.distinct_ids or filters.emails or filters.distinct_id_part is not None):
        return  # what is made below and not used takes longer than all of most filters
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
    tagged = select(ticket_tag.c.ticket_id).where(TAG_PROJECT)
    if filters.tags:
        yield ticket.c.id.in_(tagged.where(_among(ticket_tag.c.name, filters.tags)))
    for name in filters.tags_all:
        yield ticket.c.id.in_(tagged.where(_among(ticket_tag.c.name, (name,))))
    if filters.tags_exclude:
        of_ticket = ticket_tag.c.ticket_id == ticket.c.id
        excluded = _among(ticket_tag.c.name, filters.tags_exclude)
        yield ~exists().where(TAG_PROJECT, of_ticket, excluded).correlate(ticket)


def has_number(number: int) -> ColumnElement[bool]:
    """Return the condition for the ticket with this number, or the one that it is merged into (unique keys)."""
    found = select(ticket.c.id).where(MINE, ticket.c.number == number).cte("numbered", recursive=True)
    further = select(ticket_merge.c.survivor_id).where(
        ticket_merge.c.project_id == PROJECT,
        ticket_merge.c.merged_id == found.c.id,
        ticket_merge.c.undone_at.is_(None),
    )
    return ticket.c.id.in_(select(found.union(further).c.id))


def through_index(matching: Select[Any], term: str, dialect: str, *, is_alone: bool) -> Select[Any]:
    """Narrow a SELECT of tickets to those with every part of the term in a text, found through the index of texts."""
    sought, others = _sought(term)
    found = texts_with((sought,), dialect, is_alone=is_alone).with_only_columns(search_text.c.about_id)
    return matching.where(
        ticket.c.id.in_(found), *(has_text_with(part, ticket.c.id, ticket, dialect) for part in others)
    )


def _sought(term: str) -> tuple[str, tuple[str, ...]]:
    """Return the part that is looked up in the index of texts, and those that are looked for in what it finds.

    The longest one is the rarest, as a rule. To look up each of them would mean to read all texts that have the others.
    """
    parts = parts_of(term)
    sought = max((part for part in parts if is_indexed(part)), key=len)
    return sought, tuple(part for part in parts if part != sought)


def count_through_index(term: str, dialect: str, *, is_alone: bool) -> Select[Any]:
    """Return the SELECT that counts the live tickets with the term without reading any of them.

    Which tickets have it, the index of texts says. Those that are deleted (ix_ticket_deleted) and those that are merged
    into others (ix_ticket_merge_merged) are few.
    """
    sought, others = _sought(term)
    texts = texts_with((sought,), dialect, is_alone=is_alone).with_only_columns(search_text.c.about_id)
    found = texts.where(search_text.c.about_id != NO_TICKET).distinct().subquery("found")
    deleted = select(ticket.c.id).where(MINE, DELETED)
    merged = select(ticket_merge.c.merged_id).where(
        ticket_merge.c.project_id == PROJECT, ticket_merge.c.undone_at.is_(None)
    )
    counted = select(func.count()).select_from(found)
    rest = (has_text_with(part, found.c.about_id, found, dialect) for part in others)
    return counted.where(*rest, found.c.about_id.not_in(deleted), found.c.about_id.not_in(merged))


def newest() -> ColumnElement[bool]:
    """Return the condition that a ticket is one of the `LOOKED_AT` that changed last (ix_ticket_recent)."""
    inner = ticket.alias("newest")
    ids = (
        select(inner.c.id)
        .where(inner.c.project_id == PROJECT, inner.c.deleted_at.is_(None))
        .order_by(inner.c.updated_at.desc(), inner.c.number.desc())
        .limit(LOOKED_AT)
    )
    return ticket.c.id.in_(ids)


def has_words(term: str, dialect: str) -> ColumnElement[bool]:
    """Return the condition that the ticket has every part of the term in a text (pk_search_text, uq_search_text)."""
    return and_(true(), *(has_text_with(part, ticket.c.id, ticket, dialect) for part in parts_of(term)))
