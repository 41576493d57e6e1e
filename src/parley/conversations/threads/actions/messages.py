"""Messages of customers: the one way in for every channel."""

from typing import NamedTuple
from uuid import UUID

import msgspec

from parley.conversations.participants.queries import Participant, participants_of
from parley.conversations.participants.rules import authorship_of
from parley.conversations.threads.queries.merge_paths import ids_closed_to_sessions
from parley.conversations.threads.queries.threads import participant_id_of
from parley.conversations.threads.rules import Visitor, is_own
from parley.conversations.threads.schemas import CustomerMessage, Received
from parley.conversations.ticket_api.rules import CONTEXT, TRAITS, merged_traits
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_added, ticket_opened
from parley.conversations.ticket_changes.rules.events import Occasion
from parley.conversations.tickets.actions.messages import (
    count_customer_message,
    customer_message,
    is_first_of_customer,
    store,
)
from parley.conversations.tickets.actions.opening import TicketRow, insert_ticket
from parley.conversations.tickets.queries.tickets import LockedTicket, locked_ticket
from parley.conversations.tickets.rules.comments import time_of_message
from parley.conversations.tickets.rules.fields import reopens_on_reply, status_after_message
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import Project
from parley.kernel.services import Services


async def receive_message(
    db: Db, services: Services, project: Project, sent: CustomerMessage, visitor: Visitor
) -> Received:
    """Store a customer's message on the visitor's ticket, or on a new one.

    Raises NotFound for a missing or deleted ticket and PermissionDenied for somebody else's.
    """
    if sent.ticket_id is None:
        return await _open_ticket(db, services, project, sent)
    return await _continue(db, services, project, sent, sent.ticket_id, visitor)


async def _open_ticket(db: Db, services: Services, project: Project, sent: CustomerMessage) -> Received:
    now = services.clock.now()
    row = TicketRow(
        project_id=project.id,
        status="new",
        channel_source=sent.channel_source,
        channel_detail=sent.channel_detail,
        distinct_id=sent.distinct_id,
        widget_session_id=sent.widget_session_id,
        identity_verified=sent.identity_verified,
        anonymous_traits=sent.traits,
        session_id=sent.session_id,
        session_context=sent.session_context,
        created_at=now,
    )
    opened = await insert_ticket(db, row, sent.content)
    await announce(db, services, ticket_opened(Occasion(project, now), opened, sent.content))
    assert opened.message_id is not None
    return Received(opened.id, opened.message_id, "new", 0, now)


async def _continue(
    db: Db, services: Services, project: Project, sent: CustomerMessage, ticket_id: UUID, visitor: Visitor
) -> Received:
    thread = await _thread_of(db, project.id, ticket_id, visitor)
    before, guest = thread.ticket, thread.participant
    at = time_of_message(services.clock.now(), before.last_message_at)
    author = authorship_of(guest, sent.traits) if guest else {}
    new = customer_message(
        project.id,
        before.id,
        sent.content,
        at,
        {"distinct_id": sent.distinct_id, **author},
        via_ticket_id=before.via_ticket_id,
    )
    status = status_after_message(before.status, new, reopens=reopens_on_reply(project.settings))
    is_first = await is_first_of_customer(db, project, before.id, new, is_stored=False)
    message_id = await store(db, new)
    # What a participant sends along says nothing about the requester.
    after = _with_traits(before, sent) if thread.is_requester else before
    # Whoever holds nothing but the session must not read what is said from here on.
    closed = before.closed_to_sessions or visitor.is_verified
    await count_customer_message(db, new, before, after, status, closed_to_sessions=closed)
    on = Occasion(project, at)
    change = message_added(on, after, new, message_id, status, is_unread=True, is_first=is_first)
    await announce(db, services, change)
    unread_count = before.unread_customer_count if thread.shown_id == before.id else 0
    return Received(thread.shown_id, message_id, status, unread_count, at)


class _Thread(msgspec.Struct, frozen=True):
    """The locked ticket that a visitor writes to, and what they are there; they know the thread as `shown_id`."""

    ticket: LockedTicket
    participant: Participant | None
    is_requester: bool
    shown_id: UUID


async def _thread_of(db: Db, project_id: int, ticket_id: UUID, visitor: Visitor) -> _Thread:
    """Lock the ticket that a visitor writes to; raises NotFound and PermissionDenied.

    Who names a merged ticket of theirs writes to its last target. Unless that is theirs, too, they go on seeing their own
    thread, and their traits say nothing about the target's requester.
    """
    try:
        found = await locked_ticket(db, project_id, ticket_id)
    except NotFound as error:
        raise NotFound("Ticket not found") from error
    shown_id = found.via_ticket_id or found.id
    role = await _role_on(
        db, project_id, shown_id, await _is_requester(db, found, shown_id, visitor), visitor
    )
    if role is None:
        raise PermissionDenied("Forbidden")
    if found.requested is not None:
        role_on_target = await _role_on(db, project_id, found.id, is_own(found, visitor), visitor)
        if role_on_target is not None:
            shown_id, role = found.id, role_on_target
        else:
            role = role._replace(is_requester=False)
    participant = None
    if role.participant_id is not None:
        present = await participants_of(db, project_id, shown_id)
        participant = next(one for one in present if one.id == role.participant_id)
    return _Thread(found, participant, role.is_requester, shown_id)


class _Role(NamedTuple):
    """What a visitor is on a ticket: its requester, or a participant."""

    is_requester: bool
    participant_id: UUID | None


async def _role_on(
    db: Db, project_id: int, ticket_id: UUID, is_requester: bool, visitor: Visitor
) -> _Role | None:
    """Return what a visitor is on a ticket, None for a stranger. Requesters aren't looked up among the participants."""
    if is_requester:
        return _Role(is_requester=True, participant_id=None)
    found = await participant_id_of(db.rows, project_id, ticket_id, visitor)
    return None if found is None else _Role(is_requester=False, participant_id=found)


async def _is_requester(db: Db, found: LockedTicket, shown_id: UUID, visitor: Visitor) -> bool:
    """Say whether a visitor opened the ticket that they name; a merge may close theirs to those who have only a session."""
    if not is_own(found.requested or found, visitor):
        return False
    is_merged = found.requested is not None or found.has_been_merged
    if visitor.is_verified or not is_merged:
        return True
    return not await ids_closed_to_sessions(db.rows, found.project_id, [shown_id])


def _with_traits(ticket: LockedTicket, sent: CustomerMessage) -> LockedTicket:
    """Return a ticket with the traits and the context that its requester sends along with a message."""
    return msgspec.structs.replace(
        ticket,
        anonymous_traits=merged_traits(ticket.anonymous_traits, sent.traits, TRAITS),
        session_id=sent.session_id or ticket.session_id,
        session_context=merged_traits(ticket.session_context, sent.session_context, CONTEXT),
    )
