"""Tickets and messages as a visitor may see them: never another visitor's, never a private note.

A visitor is known by a session, which is a secret of the browser, or by an identity that the project's own
server has signed. The distinct id alone opens nothing, since anybody can send any.
"""

from collections.abc import Awaitable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    true,
    type_coerce,
    union,
)

from parley.accounts.tables import user_account
from parley.kernel.db import Db, RawJson, UtcDateTime
from parley.kernel.dialect import json_member_text
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.many import is_one_of, listed
from parley.kernel.prepared import Prepared
from parley.tickets.rules import CUSTOMER
from parley.tickets.tables import comment, ticket, ticket_participant


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a request acts for. The last two fields hold verified facts only; a bare session has none.

    `distinct_ids` are all ids of the verified person; `email_claim` is an e-mail address in lower case that
    the project's server has signed.
    """

    widget_session_id: UUID | None
    distinct_ids: tuple[str, ...] = ()
    email_claim: str | None = None

    @property
    def is_verified(self) -> bool:
        """Whether the project's server vouches for them; only so they are found among participants."""
        return bool(self.distinct_ids) or self.email_claim is not None


class VisitorTicket(msgspec.Struct, frozen=True):
    """What a visitor's own thread needs to know of its ticket; it may be another's in which they take part."""

    id: UUID
    status: str
    unread_customer_count: int
    anonymous_traits: dict[str, Any]
    is_requester: bool


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


class VisibleMessage(msgspec.Struct, frozen=True):
    """A public message; the last two are the name and address of the team member who wrote it.

    `told_name` is the name that came with the message, such as a participant's.
    """

    id: UUID
    content: str
    rich_content: msgspec.Raw | None
    author_type: str
    created_at: datetime
    told_name: str | None
    first_name: str | None
    email: str | None


class Reads(Protocol):
    """`Db.rows` inside a transaction, or `Database.read` outside any."""

    def __call__(self, prepared: Prepared, **values: Any) -> Awaitable[Sequence[Sequence[Any]]]: ...


def may_see(
    visitor: Visitor, *, widget_session_id: UUID, distinct_id: str, identity_verified: bool | None
) -> bool:
    """Say whether a ticket with these marks is the visitor's own; `visible_to` says the same in SQL.

    In those of others they may take part: see `participant_id_of`.
    """
    if visitor.widget_session_id is not None and widget_session_id == visitor.widget_session_id:
        return True
    if distinct_id in visitor.distinct_ids:
        return True
    # A ticket that only claimed to be this person's must not become theirs by an equal address.
    claim = visitor.email_claim
    return claim is not None and identity_verified is True and distinct_id.lower() == claim


def visible_to(visitor: Visitor, project_id: int) -> Select[Any]:
    """Start a SELECT over the visitor's tickets.

    Served by ix_ticket_session, ix_ticket_distinct_id, ix_ticket_claim and the two indexes of participants, one for
    each way.
    """
    live = and_(ticket.c.project_id == project_id, ticket.c.deleted_at.is_(None))
    ways = list(_ways(visitor)) or [false()]
    if len(ways) == 1 and not visitor.is_verified:
        return select(ticket).where(live, ways[0])
    # A union and no OR, because SQLite answers an OR from one index: that of the whole project.
    own = (select(ticket.c.id).where(live, way) for way in ways)
    shared = (
        select(ticket_participant.c.ticket_id).where(ticket_participant.c.project_id == project_id, is_theirs)
        for is_theirs in _marks_of_participant(visitor)
    )
    return select(ticket).where(live, ticket.c.id.in_(union(*own, *shared)))


def _ways(visitor: Visitor) -> Iterator[ColumnElement[bool]]:
    if visitor.widget_session_id is not None:
        yield ticket.c.widget_session_id == visitor.widget_session_id
    if visitor.distinct_ids:
        yield ticket.c.distinct_id.in_(visitor.distinct_ids)
    if visitor.email_claim is not None:
        is_theirs = func.lower(ticket.c.distinct_id) == visitor.email_claim
        yield and_(ticket.c.identity_verified == true(), is_theirs)


def _marks_of_participant(visitor: Visitor) -> Iterator[ColumnElement[bool]]:
    # Who came by a merge sees what came through their own ticket.
    of_team = ticket_participant.c.merge_id.is_(None)
    if visitor.distinct_ids:
        yield and_(ticket_participant.c.distinct_id.in_(visitor.distinct_ids), of_team)
    if visitor.email_claim is not None:
        yield and_(ticket_participant.c.email == visitor.email_claim, of_team)


_PARTICIPANT = Prepared(
    select(ticket_participant.c.id)
    .where(
        ticket_participant.c.project_id == bindparam("project_id"),
        ticket_participant.c.ticket_id == bindparam("ticket_id"),
        ticket_participant.c.merge_id.is_(None),
        or_(
            is_one_of(ticket_participant.c.distinct_id, listed("ids", ticket_participant.c.distinct_id)),
            ticket_participant.c.email == bindparam("email"),
        ),
    )
    .order_by(ticket_participant.c.created_at, ticket_participant.c.id)
    .limit(1)
)


async def participant_id_of(read: Reads, project_id: int, ticket_id: UUID, visitor: Visitor) -> UUID | None:
    """Return as which participant of a ticket the visitor is vouched for; None where they are none.

    Served by ix_ticket_participant_ticket, or by the indexes of addresses and distinct ids.
    """
    if not visitor.is_verified:
        return None
    values = {"ids": visitor.distinct_ids, "email": visitor.email_claim}
    found = await read(_PARTICIPANT, project_id=project_id, ticket_id=ticket_id, **values)
    return found[0][0] if found else None


TICKET = Prepared(
    select(
        ticket.c.id,
        ticket.c.status,
        ticket.c.unread_customer_count,
        ticket.c.anonymous_traits,
        ticket.c.widget_session_id,
        ticket.c.distinct_id,
        ticket.c.identity_verified,
    ).where(
        ticket.c.project_id == bindparam("project_id"),
        ticket.c.id == bindparam("ticket_id"),
        ticket.c.deleted_at.is_(None),
    )
)


async def visitor_ticket(read: Reads, project_id: int, ticket_id: UUID, visitor: Visitor) -> VisitorTicket:
    """Return one of the visitor's tickets, or one in which they take part, by primary key.

    Raises NotFound, and PermissionDenied where it is somebody else's.
    """
    found = await read(TICKET, project_id=project_id, ticket_id=ticket_id)
    if not found:
        raise NotFound("Ticket not found")
    id, status, unread_count, traits, session, distinct_id, verified = found[0]
    is_theirs = may_see(
        visitor, widget_session_id=session, distinct_id=distinct_id, identity_verified=verified
    )
    if not is_theirs and await participant_id_of(read, project_id, ticket_id, visitor) is None:
        raise PermissionDenied("Forbidden")
    return VisitorTicket(id, status, unread_count, traits, is_theirs)


def _messages(*more: ColumnElement[bool]) -> Prepared:
    return Prepared(
        select(
            comment.c.id,
            comment.c.content,
            type_coerce(comment.c.rich_content, RawJson).label("rich_content"),
            comment.c.author_type,
            comment.c.created_at,
            case(
                (comment.c.author_type == CUSTOMER, json_member_text(comment.c.item_context, "author_name"))
            ),
            user_account.c.first_name,
            user_account.c.email,
        )
        .select_from(comment.outerjoin(user_account, user_account.c.id == comment.c.created_by))
        .where(
            comment.c.project_id == bindparam("project_id"),
            comment.c.ticket_id == bindparam("ticket_id"),
            comment.c.deleted == false(),
            comment.c.is_private == false(),
            *more,
        )
        .order_by(comment.c.created_at, comment.c.id)
        .limit(bindparam("limit", type_=Integer))
    )


MESSAGES = _messages()
MESSAGES_AFTER = _messages(comment.c.created_at > bindparam("after", type_=UtcDateTime))


async def visitor_messages(
    read: Reads, project_id: int, ticket_id: UUID, *, after: datetime | None, limit: int
) -> list[VisibleMessage]:
    """Return a ticket's public messages, oldest first, strictly newer than `after` (ix_comment_ticket).

    The caller has found the ticket through `visitor_ticket`.
    """
    values: dict[str, Any] = {"project_id": project_id, "ticket_id": ticket_id, "limit": limit}
    if after is None:
        found = await read(MESSAGES, **values)
    else:
        found = await read(MESSAGES_AFTER, after=after, **values)
    return [VisibleMessage(*row) for row in found]


async def visitor_tickets(
    db: Db, project_id: int, visitor: Visitor, *, status: str | None, limit: int, offset: int
) -> tuple[int, list[TicketSummary]]:
    """Return how many tickets the visitor has (with this status), and one page of them, newest first."""
    mine = visible_to(visitor, project_id)
    if status is not None:
        mine = mine.where(ticket.c.status == status)
    counted = mine.with_only_columns(func.count())
    count: int = (await db.execute(counted)).scalar_one()
    if offset >= count:
        return count, []
    page = mine.with_only_columns(
        ticket.c.id,
        ticket.c.number,
        ticket.c.status,
        ticket.c.unread_customer_count,
        ticket.c.last_message_text,
        ticket.c.last_message_at,
        ticket.c.message_count,
        ticket.c.created_at,
    )
    page = page.order_by(ticket.c.created_at.desc(), ticket.c.number.desc()).limit(limit).offset(offset)
    found: Sequence[Sequence[Any]] = (await db.execute(page)).all()
    return count, [TicketSummary(*row) for row in found]
