"""Messages of customers: the one way in for every channel."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from parley.conversations.participants.queries import Participant, participants_of
from parley.conversations.participants.rules import authorship_of
from parley.conversations.threads.queries.merged import lost_to_sessions
from parley.conversations.threads.queries.threads import Visitor, may_see, participant_id_of
from parley.conversations.tickets.actions.happenings import record
from parley.conversations.tickets.actions.history import (
    By,
    Retagged,
    Subject,
    log,
    log_changes,
)
from parley.conversations.tickets.actions.ledger import count_change
from parley.conversations.tickets.actions.messages import count_customer_message, message, store
from parley.conversations.tickets.actions.notices import forget_unread_count, tell
from parley.conversations.tickets.actions.opening import (
    TicketRow,
    announce_first_message,
    insert_ticket,
    is_first_of_customer,
)
from parley.conversations.tickets.queries.tickets import LockedTicket, locked_ticket
from parley.conversations.tickets.rules import (
    CUSTOMER,
    Words,
    happenings,
    reopens_on_reply,
    status_after_message,
    time_of_message,
)
from parley.conversations.tickets.rules.happenings import Scene, facts_of
from parley.conversations.tickets.rules.told import CONTEXT, TRAITS, merged
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import Project
from parley.kernel.http.dependencies import Services


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's message, already checked by its channel. Without `ticket_id` it opens a ticket."""

    project: Project
    ticket_id: UUID | None
    widget_session_id: UUID
    distinct_id: str
    content: str
    traits: dict[str, str | None]
    session_id: str | None
    session_context: dict[str, Any]
    identity_verified: bool | None
    channel_source: str = "widget"
    channel_detail: str | None = None


class Received(msgspec.Struct, frozen=True):
    """What became of a message; `unread_count` is the customer's."""

    ticket_id: UUID
    message_id: UUID
    ticket_status: str
    unread_count: int
    created_at: datetime


async def receive_message(db: Db, services: Services, incoming: Incoming, visitor: Visitor) -> Received:
    """Store a customer's message on the visitor's ticket, or on a new one.

    Raises NotFound for a missing or deleted ticket and PermissionDenied for somebody else's.
    """
    if incoming.ticket_id is None:
        received = await _open(db, services, incoming)
    else:
        received = await _continue(db, services, incoming, visitor)
    forget_unread_count(db, services, incoming.project.id)
    return received


async def _open(db: Db, services: Services, incoming: Incoming) -> Received:
    now = services.clock.now()
    opened = TicketRow(
        project_id=incoming.project.id,
        status="new",
        channel_source=incoming.channel_source,
        channel_detail=incoming.channel_detail,
        distinct_id=incoming.distinct_id,
        widget_session_id=incoming.widget_session_id,
        identity_verified=incoming.identity_verified,
        anonymous_traits=incoming.traits,
        session_id=incoming.session_id,
        session_context=incoming.session_context,
        created_at=now,
    )
    id, message_id, number = await insert_ticket(db, opened, incoming.content)
    await announce_first_message(db, incoming.project, id)
    assert message_id is not None
    await log(db, Subject(incoming.project.id, id, number), "created", By(), now)
    scene = Scene(incoming.project, facts_of(opened, id=id, number=number), now)
    await record(db, happenings.opened(scene, None, message_id, incoming.content))
    tell(db, services, incoming.project.id, "ticket.opened", ticket_id=id, number=number)
    return Received(id, message_id, "new", 0, now)


async def _continue(db: Db, services: Services, incoming: Incoming, visitor: Visitor) -> Received:
    project = incoming.project
    writer = await _writer(db, incoming, visitor)
    found, guest = writer.ticket, writer.participant
    at = time_of_message(services.clock.now(), found.last_message_at)
    words = Words(content=incoming.content, author_type=CUSTOMER, is_private=False, created_by=None)
    status = status_after_message(found.status, words, reopens=reopens_on_reply(project.settings))
    is_first = await is_first_of_customer(db, project, found.id, words, is_stored=False)
    context = {
        "distinct_id": incoming.distinct_id,
        **(authorship_of(guest, incoming.traits) if guest else {}),
    }
    new = message(found.id, project.id, words, at, context=context)
    message_id = await store(db, msgspec.structs.replace(new, via_ticket_id=found.via_ticket_id))
    # What others tell of themselves says nothing about the requester.
    now_known = _known_after(found, incoming) if writer.is_requester else found
    after = msgspec.structs.replace(
        now_known,
        status=status,
        # Whoever holds nothing but the session must not read what is said from here on.
        closed_to_sessions=found.closed_to_sessions or visitor.is_verified,
    )
    await count_customer_message(db, new, found, after)
    await count_change(db, project.id, found.status, status)
    scene = Scene(project, facts_of(now_known), at)
    await record(db, happenings.said(scene, words, message_id, status))
    if is_first:
        await announce_first_message(db, project, found.id)
    about = {"ticket_id": found.id, "number": found.number}
    tell(db, services, project.id, "message.added", **about, message_id=message_id)
    if status != found.status:
        await log_changes(db, found, {"status": status}, Retagged(), By(), at)
        tell(db, services, project.id, "ticket.changed", **about)
    unread_count = found.unread_customer_count if writer.shown_id == found.id else 0
    return Received(writer.shown_id, message_id, status, unread_count, at)


def _known_after(found: LockedTicket, incoming: Incoming) -> LockedTicket:
    """Return the ticket with what its requester tells of themselves along with a message."""
    return msgspec.structs.replace(
        found,
        anonymous_traits=merged(found.anonymous_traits, incoming.traits, TRAITS),
        session_id=incoming.session_id or found.session_id,
        session_context=merged(found.session_context, incoming.session_context, CONTEXT),
    )


class _Writer(msgspec.Struct, frozen=True):
    """Where a visitor's message goes, and what they are there; `shown_id` is what they know the thread by."""

    ticket: LockedTicket
    participant: Participant | None
    is_requester: bool
    shown_id: UUID


async def _writer(db: Db, incoming: Incoming, visitor: Visitor) -> _Writer:
    """Lock the ticket that the visitor writes to; raises NotFound and PermissionDenied.

    Who names a merged ticket of theirs writes to the survivor. Unless that is theirs, too, they go on seeing their own
    thread, and nothing that they tell is about the survivor's requester.
    """
    try:
        found = await locked_ticket(db, incoming.project.id, incoming.ticket_id)
    except NotFound as error:
        raise NotFound("Ticket not found") from error
    shown_id, guest_id = found.via_ticket_id or found.id, None
    is_own = may_see(visitor, found.requested or found)
    if not visitor.is_verified and (found.requested or found.has_been_merged):
        is_own = is_own and not await lost_to_sessions(db.rows, found.project_id, [shown_id])
    if not is_own:
        guest_id = await participant_id_of(db.rows, found.project_id, shown_id, visitor)
        if guest_id is None:
            raise PermissionDenied("Forbidden")
    if found.requested is not None:
        is_own, there_id = may_see(visitor, found), None
        if not is_own:
            there_id = await participant_id_of(db.rows, found.project_id, found.id, visitor)
        if is_own or there_id is not None:
            shown_id, guest_id = found.id, there_id
    participant = None
    if guest_id is not None:
        present = await participants_of(db, found.project_id, shown_id)
        participant = next(one for one in present if one.id == guest_id)
    return _Writer(found, participant, is_own, shown_id)
