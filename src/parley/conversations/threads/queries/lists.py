"""The tickets of a visitor: their own, those in which they take part, and those of theirs that are merged into others'."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true, union

from parley.conversations.participants.tables import ticket_participant
from parley.conversations.threads.queries.merge_paths import ids_closed_to_sessions, merge_paths
from parley.conversations.threads.queries.messages import visible_summary
from parley.conversations.threads.queries.threads import (
    last_visible,
    merged_thread,
    visible_ids,
)
from parley.conversations.threads.rules import Visitor
from parley.conversations.tickets.rules.comments import last_text
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.transaction import Db


class TicketSummary(msgspec.Struct, frozen=True):
    """A ticket in the visitor's list."""

    id: UUID
    number: int
    status: str
    unread_customer_count: int
    last_message_text: str | None
    last_message_at: datetime | None
    message_count: int
    created_at: datetime


def visible_to(visitor: Visitor, project_id: int) -> Select[Any]:
    """Start a SELECT over the tickets that a visitor may see; merged ones are among them, deleted ones aren't.

    Served by ix_ticket_session, ix_ticket_distinct_id, ix_ticket_claim, ix_ticket_claim_email and the two indexes of
    participants, one for each way.
    """
    live = and_(
        ticket.c.project_id == project_id, or_(ticket.c.deleted_at.is_(None), ticket.c.is_merged == true())
    )
    if not visitor.is_verified:
        return select(ticket).where(
            live,
            ticket.c.widget_session_id == visitor.widget_session_id,
            ticket.c.identity_verified == false(),
            ticket.c.closed_to_sessions == false(),
        )
    # A union and no OR, because SQLite answers an OR from one index: that of the whole project.
    own = (select(ticket.c.id).where(live, way) for way in _ownership_conditions(visitor))
    shared = (
        select(ticket_participant.c.ticket_id).where(ticket_participant.c.project_id == project_id, is_theirs)
        for is_theirs in _participant_conditions(visitor)
    )
    return select(ticket).where(live, ticket.c.id.in_(union(*own, *shared)))


def _ownership_conditions(visitor: Visitor) -> Iterator[ColumnElement[bool]]:
    is_more_than_claimed = ticket.c.identity_verified.is_not(false())
    is_signed = ticket.c.distinct_id == visitor.distinct_id
    yield and_(is_signed, is_more_than_claimed, ticket.c.claim_email.is_(None))
    yield and_(ticket.c.claim_email.in_(visitor.signed_emails), is_more_than_claimed)
    if visitor.signed_email is not None:
        is_theirs = func.lower(ticket.c.distinct_id) == visitor.signed_email
        yield and_(is_theirs, ticket.c.identity_verified == true(), ticket.c.claim_email.is_(None))


def _participant_conditions(visitor: Visitor) -> Iterator[ColumnElement[bool]]:
    # Who came by a merge sees what came through their own ticket.
    of_team = ticket_participant.c.merge_id.is_(None)
    yield and_(ticket_participant.c.distinct_id == visitor.distinct_id, of_team)
    if visitor.signed_email is not None:
        yield and_(ticket_participant.c.email == visitor.participant_email, of_team)


_SUMMARY = tuple(ticket.c[name] for name in TicketSummary.__struct_fields__)


async def visitor_tickets(
    db: Db, project_id: int, visitor: Visitor, *, status: str | None, limit: int, offset: int
) -> tuple[int, list[TicketSummary]]:
    """Return how many tickets the visitor has (with this status), and one page of them, newest first."""
    mine = visible_to(visitor, project_id)
    live = ticket.c.deleted_at.is_(None)
    listed = live if status is None else and_(live, ticket.c.status == status)
    counted = (listed, ticket.c.is_merged, ticket.c.has_been_merged)
    counting = mine.with_only_columns(*(func.count().filter(condition) for condition in counted))
    counts: Sequence[int] = (await db.execute(counting)).one()
    if counts[2] and not visitor.is_verified:
        # Only now and then: most visitors have no ticket that was ever merged.
        mine = mine.where(ticket.c.id.not_in(await _closed_ids(db, project_id, mine)))
        counting = mine.with_only_columns(*counting.selected_columns)
        counts = (await db.execute(counting)).one()
    count, n_merged, _ = counts
    merged = await _merged_elsewhere(db, project_id, visitor, mine, status) if n_merged else []
    if offset >= count + len(merged):
        return count + len(merged), []
    page = mine.where(listed).with_only_columns(*_SUMMARY, ticket.c.has_been_merged)
    page = page.order_by(ticket.c.created_at.desc(), ticket.c.number.desc())
    # Those that are merged stand among them, wherever that is.
    page = page.limit(offset + limit) if merged else page.limit(limit).offset(offset)
    found: Sequence[Sequence[Any]] = (await db.execute(page)).all()
    shown = [(TicketSummary(*row[:-1]), row[-1]) for row in found]
    if merged:
        everything = [*shown, *((one, False) for one in merged)]
        everything.sort(key=lambda one: (one[0].created_at, one[0].number), reverse=True)
        shown = everything[offset : offset + limit]
    return count + len(merged), [
        await _as_visible(db, project_id, one, visitor) if has_been_merged else one
        for one, has_been_merged in shown
    ]


async def _closed_ids(db: Db, project_id: int, mine: Select[Any]) -> set[UUID]:
    ids = (await db.execute(mine.where(ticket.c.has_been_merged).with_only_columns(ticket.c.id))).scalars()
    return await ids_closed_to_sessions(db.rows, project_id, ids)


async def _merged_elsewhere(
    db: Db, project_id: int, visitor: Visitor, mine: Select[Any], status: str | None
) -> list[TicketSummary]:
    """Return the visitor's merged tickets whose targets are others', as the visitor knows them."""
    mine = mine.where(ticket.c.is_merged).with_only_columns(*_SUMMARY)
    rows: Sequence[Sequence[Any]] = (await db.execute(mine)).all()
    own = {row[0]: TicketSummary(*row) for row in rows}
    paths = await merge_paths(db.rows, project_id, own)
    visible = await visible_ids(
        db.rows, project_id, [step for path in paths.values() for step in path], visitor
    )
    found = []
    for id, path in paths.items():
        root, is_top = path[-1], last_visible(path, visible) == 0
        if is_top and root.is_live and status in (None, root.status):
            found.append(await _as_visible(db, project_id, own[id], visitor))
    return found


async def _as_visible(db: Db, project_id: int, one: TicketSummary, visitor: Visitor) -> TicketSummary:
    """Return a line of the list with no more in it than the visitor sees of the thread."""
    thread = await merged_thread(db.rows, project_id, one.id, visitor)
    assert thread.visibility is not None
    visible = await visible_summary(db.rows, project_id, thread.visibility)
    return msgspec.structs.replace(
        one,
        status=thread.status,
        unread_customer_count=thread.unread_customer_count,
        last_message_text=last_text(visible.last_message_text)
        if visible.last_message_text is not None
        else None,
        last_message_at=visible.last_message_at,
        message_count=visible.message_count,
    )
