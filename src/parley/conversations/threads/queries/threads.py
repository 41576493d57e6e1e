"""Tickets and messages as a visitor may see them: never another visitor's, never a private note.

A visitor is known by a session, which is a secret of the browser, or by an identity that the project's own
server has signed. A distinct id alone opens nothing, since anybody can send any; and what capture says of which distinct
ids are one person opens nothing either, since anybody can capture that.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    type_coerce,
)

from parley.accounts.users.tables import user_account
from parley.conversations.participants.tables import ticket_participant
from parley.conversations.threads.queries.merged import (
    Sight,
    Step,
    addressed_on,
    closed_to_sessions,
    paths_of,
    seen_messages,
    values_of,
)
from parley.conversations.threads.rules import Visitor, is_own
from parley.conversations.tickets.rules import (
    CUSTOMER,
    PARTICIPANT,
    PARTICIPANT_KEY,
    PARTICIPANT_NAME_KEY,
)
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.columns import RawJson, UtcDateTime
from parley.kernel.database.dialect import json_member_text
from parley.kernel.database.prepared import Prepared, Reads
from parley.kernel.errors import NotFound, PermissionDenied


class VisitorTicket(msgspec.Struct, frozen=True):
    """What a visitor's own thread needs to know of its ticket; it may be another's in which they take part."""

    id: UUID
    status: str
    unread_customer_count: int
    anonymous_traits: dict[str, Any]
    is_requester: bool
    sight: Sight | None = None  # what they see of it, where that isn't all


class VisibleMessage(msgspec.Struct, frozen=True):
    """A public message; the last two are the name and address of the team member who wrote it.

    `given_name` is the name that the team gave to the customer who wrote it: as a participant, or along with the message.
    """

    id: UUID
    content: str
    rich_content: msgspec.Raw | None
    author_type: str
    created_at: datetime
    given_name: str | None
    first_name: str | None
    email: str | None


_VOUCHED_FOR = (
    ticket_participant.c.merge_id.is_(None),
    or_(
        ticket_participant.c.distinct_id == bindparam("distinct_id"),
        ticket_participant.c.email == bindparam("email"),
    ),
)
_PARTICIPANT = Prepared(
    select(ticket_participant.c.id)
    .where(
        ticket_participant.c.project_id == bindparam("project_id"),
        ticket_participant.c.ticket_id == bindparam("ticket_id"),
        *_VOUCHED_FOR,
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
    values = {"distinct_id": visitor.distinct_id, "email": visitor.participant_email}
    found = await read(_PARTICIPANT, project_id=project_id, ticket_id=ticket_id, **values)
    return found[0][0] if found else None


_TAKES_PART = Prepared(
    select(ticket_participant.c.ticket_id).where(
        ticket_participant.c.project_id == bindparam("project_id"),
        is_one_of(ticket_participant.c.ticket_id, listed("tickets", ticket_participant.c.ticket_id)),
        *_VOUCHED_FOR,
    )
)


class _Found(msgspec.Struct, frozen=True):
    id: UUID
    status: str
    unread_customer_count: int
    anonymous_traits: dict[str, Any]
    widget_session_id: UUID
    distinct_id: str
    identity_verified: bool | None
    claim_email: str | None
    closed_to_sessions: bool
    has_been_merged: bool


TICKET = Prepared(
    select(*(ticket.c[name] for name in _Found.__struct_fields__)).where(
        ticket.c.project_id == bindparam("project_id"),
        ticket.c.id == bindparam("ticket_id"),
        ticket.c.deleted_at.is_(None),
    )
)


async def visitor_ticket(read: Reads, project_id: int, ticket_id: UUID, visitor: Visitor) -> VisitorTicket:
    """Return one of the visitor's tickets, or one in which they take part, by primary key.

    A merged one is the survivor if that is theirs, too, and what they see of it otherwise. Raises NotFound, and
    PermissionDenied where it is somebody else's.
    """
    rows = await read(TICKET, project_id=project_id, ticket_id=ticket_id)
    found = _Found(*rows[0]) if rows else None
    if found is None or found.has_been_merged:
        return await visitor_thread(read, project_id, ticket_id, visitor)
    is_theirs = is_own(found, visitor)
    if not is_theirs and await participant_id_of(read, project_id, ticket_id, visitor) is None:
        raise PermissionDenied("Forbidden")
    return VisitorTicket(
        found.id, found.status, found.unread_customer_count, found.anonymous_traits, is_theirs
    )


async def visitor_thread(read: Reads, project_id: int, ticket_id: UUID, visitor: Visitor) -> VisitorTicket:
    """Return a thread of which the visitor doesn't see all, or that they don't see where it is."""
    path = (await paths_of(read, project_id, [ticket_id])).get(ticket_id)
    if not path or not path[-1].is_live:
        raise NotFound("Ticket not found")
    theirs = await theirs_of(read, project_id, path, visitor)
    if ticket_id not in theirs:
        raise PermissionDenied("Forbidden")
    if not visitor.is_verified and await closed_to_sessions(read, project_id, [path[-1].id]):
        raise PermissionDenied("Forbidden")
    return await _seen_from(read, project_id, path, theirs, visitor)


async def theirs_of(read: Reads, project_id: int, steps: Iterable[Step], visitor: Visitor) -> set[UUID]:
    """Return those of some tickets that are the visitor's own, or in which they take part."""
    found = {one.id for one in steps if is_own(one, visitor)}
    others = {one.id for one in steps} - found
    if visitor.is_verified and others:
        values = {
            "distinct_id": visitor.distinct_id,
            "email": visitor.participant_email,
            "tickets": sorted(others),
        }
        found |= {row[0] for row in await read(_TAKES_PART, project_id=project_id, **values)}
    return found


def top_of(path: Sequence[Step], theirs: set[UUID]) -> int:
    """Return where on a path the last ticket is that somebody may see."""
    return max(index for index, step in enumerate(path) if step.id in theirs)


async def _seen_from(
    read: Reads, project_id: int, path: Sequence[Step], theirs: set[UUID], visitor: Visitor
) -> VisitorTicket:
    """Return what the visitor sees of a thread whose first ticket is theirs."""
    index, root = top_of(path, theirs), path[-1]
    shown = path[index]
    inside = await _own_inside(read, project_id, shown, root, visitor)
    is_requester = is_own(shown, visitor)
    if shown is root:
        sight = Sight(whole_id=root.id, own_ids=sorted({root.id, *inside}), addressed_ids=[root.id])
        return VisitorTicket(
            root.id, root.status, root.unread_customer_count, root.anonymous_traits, is_requester, sight
        )
    heard = [(step.id, step.since) for step in path[index + 1 :]]
    sight = Sight(addressed_ids=sorted({shown.id, *inside}), heard=heard)
    return VisitorTicket(shown.id, root.status, 0, shown.anonymous_traits, is_requester, sight)


async def _own_inside(read: Reads, project_id: int, shown: Step, root: Step, visitor: Visitor) -> set[UUID]:
    """Return the visitor's tickets that messages on the survivor were addressed to, and that they see as this one."""
    paths = await paths_of(read, project_id, await addressed_on(read, project_id, root.id))
    theirs = await theirs_of(read, project_id, [step for path in paths.values() for step in path], visitor)
    return {
        id
        for id, path in paths.items()
        if id in theirs and (shown is root or path[top_of(path, theirs)].id == shown.id)
    }


def _given_name() -> ColumnElement[str]:
    context = comment.c.item_context
    name, participant, known = (
        json_member_text(context, key) for key in ("author_name", PARTICIPANT_KEY, PARTICIPANT_NAME_KEY)
    )
    # Of a participant, `author_name` is what they call themselves.
    given = case((participant.is_not(None), func.coalesce(known, PARTICIPANT)), else_=name)
    return case((and_(comment.c.author_type == CUSTOMER, name.is_not(None)), given))


_SHOWN = (
    comment.c.id,
    comment.c.content,
    type_coerce(comment.c.rich_content, RawJson).label("rich_content"),
    comment.c.author_type,
    comment.c.created_at,
    _given_name(),
    user_account.c.first_name,
    user_account.c.email,
)
_LIMIT = bindparam("limit", type_=Integer)
_AFTER = bindparam("after", type_=UtcDateTime)


def _messages(*more: ColumnElement[bool]) -> Prepared:
    return Prepared(
        select(*_SHOWN)
        .select_from(comment.outerjoin(user_account, user_account.c.id == comment.c.created_by))
        .where(
            comment.c.project_id == bindparam("project_id"),
            comment.c.ticket_id == bindparam("ticket_id"),
            comment.c.deleted == false(),
            comment.c.is_private == false(),
            *more,
        )
        .order_by(comment.c.created_at, comment.c.id)
        .limit(_LIMIT)
    )


MESSAGES = _messages()
MESSAGES_AFTER = _messages(comment.c.created_at > _AFTER)


@lru_cache
def messages_in_sight(n_heard: int) -> tuple[Prepared, Prepared]:
    """Return the statements for all messages that somebody sees, and for the later ones."""
    messages, seen = seen_messages(n_heard)
    every = select(*_SHOWN).select_from(
        messages.outerjoin(user_account, user_account.c.id == comment.c.created_by)
    )
    every = every.order_by(seen.c.created_at, seen.c.id).limit(_LIMIT)
    return Prepared(every), Prepared(every.where(seen.c.created_at > _AFTER))


async def visitor_messages(
    read: Reads, project_id: int, ticket: VisitorTicket, *, after: datetime | None, limit: int
) -> list[VisibleMessage]:
    """Return the public messages of a ticket that a visitor may see, oldest first, strictly newer than `after`.

    Served by ix_comment_ticket. The caller has found the ticket through `visitor_ticket`.
    """
    values: dict[str, Any] = {"project_id": project_id, "limit": limit}
    if ticket.sight is None:
        every, later, values["ticket_id"] = MESSAGES, MESSAGES_AFTER, ticket.id
    else:
        every, later = messages_in_sight(len(ticket.sight.heard))
        values |= values_of(ticket.sight)
    if after is None:
        found = await read(every, **values)
    else:
        found = await read(later, after=after, **values)
    return [VisibleMessage(*row) for row in found]
