"""A mail becomes a message: on the ticket that it continues, or on a new one. All of it in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from parley.conversations.participants.actions import insert_participants
from parley.conversations.participants.queries import participants_of
from parley.conversations.participants.rules import (
    MAX_PARTICIPANTS,
    WantedParticipant,
    addresses,
    authorship_of,
    participant_added,
    requester_of,
)
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_added, ticket_opened
from parley.conversations.ticket_changes.rules.events import Occasion
from parley.conversations.tickets.actions.fields import store_fields
from parley.conversations.tickets.actions.messages import (
    CommentRow,
    count_customer_message,
    count_message,
    customer_message,
    is_first_of_customer,
    store,
)
from parley.conversations.tickets.actions.opening import TicketRow, insert_ticket
from parley.conversations.tickets.queries.tickets import LockedTicket, locked_ticket
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE, WHOLE_EMAIL_KEY, time_of_message
from parley.conversations.tickets.rules.fields import reopens_on_reply, status_after_message
from parley.email.channels.schemas import EmailChannel
from parley.email.interpretation.queries.senders import KnownSender
from parley.email.interpretation.rules.contents import MAX_NAME, MAX_SUBJECT, stranger_context
from parley.email.interpretation.rules.decision import Decision
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Project
from parley.kernel.services import Services

SUPPORT = "support"


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that becomes a message: what it says, who wrote it, and through which channel it came.

    `address` is None for a mail that names no sender; `agent_id` is set where a member of the team wrote it.
    """

    project: Project
    channel: EmailChannel
    text: str
    whole_text: str
    subject: str
    name: str
    address: str | None
    fallback_id: str
    is_authenticated: bool
    agent_id: int | None
    context: dict[str, Any]
    recipients: Sequence[WantedParticipant]
    is_quiet: bool


class Placed(msgspec.Struct, frozen=True):
    """Where a message is. `reference_id` is the ticket to which the mail was addressed, which may be merged."""

    ticket_id: UUID
    ticket_number: int
    comment_id: UUID
    reference_id: UUID


async def open_ticket(db: Db, services: Services, arrival: Arrival, decision: Decision) -> Placed:
    """Open a ticket with the mail as its first message: one that the team still has to read, or that it wrote itself."""
    now, project = services.clock.now(), arrival.project
    row = _ticket_row(arrival, now)
    is_agents = decision.role == "agent"
    content = None if is_agents else arrival.whole_text
    context = {name: value for name, value in arrival.context.items() if name != WHOLE_EMAIL_KEY}
    arrival = msgspec.structs.replace(arrival, context=context)  # it shows the whole text
    opened = await insert_ticket(db, row, content, _context_of(arrival, {"from_email": arrival.address}))
    change = ticket_opened(Occasion(project, now), opened, content)
    if arrival.is_quiet:
        change = msgspec.structs.replace(change, is_first_message=False)
    await announce(db, services, change)
    ticket = await locked_ticket(db, project.id, opened.id)
    if opened.message_id is None:
        # Without its author as its creator: it must not be mailed to the one who wrote it.
        new = _agents_message(arrival, ticket, arrival.whole_text, now, None)
        comment_id = await _store_of_agent(db, services, project, ticket, new)
    else:
        comment_id = opened.message_id
    if decision.adds_participants:
        await _add_participants(db, services, arrival, ticket, now)
    return Placed(ticket.id, ticket.number, comment_id, ticket.id)


def _ticket_row(arrival: Arrival, now: datetime) -> TicketRow:
    traits = {"name": arrival.name[:MAX_NAME], "email": arrival.address}
    return TicketRow(
        project_id=arrival.project.id,
        status="new",
        channel_source="email",
        channel_detail=None,
        distinct_id=arrival.address or arrival.fallback_id,
        widget_session_id=uuid4(),  # nobody's
        identity_verified=arrival.is_authenticated and arrival.address is not None,
        anonymous_traits={name: value for name, value in traits.items() if value},
        session_id=None,
        session_context={},
        created_at=now,
        email_subject=arrival.subject[:MAX_SUBJECT] or None,
        email_from=arrival.address,
        email_to=arrival.channel.from_email,
        email_channel_id=arrival.channel.id,
    )


async def append_message(
    db: Db,
    services: Services,
    arrival: Arrival,
    decision: Decision,
    before: LockedTicket,
    sender: KnownSender,
) -> Placed:
    """Write the mail on a locked ticket, for its requester, a participant, the team, or somebody else."""
    project = arrival.project
    at = time_of_message(services.clock.now(), before.last_message_at)
    if decision.role == "agent":
        # Whom the agent has written to has the mail already: without a creator it isn't mailed once more.
        has_it = any(requester_of(before).is_same(one) for one in arrival.recipients)
        new = _agents_message(arrival, before, arrival.text, at, None if has_it else arrival.agent_id)
        comment_id = await _store_of_agent(db, services, project, before, new)
    else:
        about = _authorship(arrival, before, sender)
        new = customer_message(
            project.id,
            before.id,
            arrival.text,
            at,
            _context_of(arrival, about),
            via_ticket_id=before.via_ticket_id,
        )
        reopens = decision.reopens and reopens_on_reply(project.settings)
        comment_id = await _store_of_customer(db, services, arrival, before, new, reopens=reopens)
    if decision.adds_participants:
        await _add_participants(db, services, arrival, before, at)
    return Placed(before.id, before.number, comment_id, before.via_ticket_id or before.id)


async def _store_of_customer(
    db: Db, services: Services, arrival: Arrival, before: LockedTicket, new: CommentRow, *, reopens: bool
) -> UUID:
    project = arrival.project
    status = status_after_message(before.status, new, reopens=reopens)
    is_first = not arrival.is_quiet and await is_first_of_customer(
        db, project, before.id, new, is_stored=False
    )
    id = await store(db, new)
    await count_customer_message(
        db, new, before, before, status, closed_to_sessions=before.closed_to_sessions
    )
    on = Occasion(project, new.created_at)
    await announce(
        db, services, message_added(on, before, new, id, status, is_unread=True, is_first=is_first)
    )
    return id


async def _store_of_agent(
    db: Db, services: Services, project: Project, before: LockedTicket, new: CommentRow
) -> UUID:
    id = await store(db, new)
    await count_message(db, new, before.status)
    on = Occasion(project, new.created_at)
    await announce(db, services, message_added(on, before, new, id, before.status, is_first=False))
    return id


def _agents_message(
    arrival: Arrival, on: LockedTicket, content: str, at: datetime, created_by: int | None
) -> CommentRow:
    context = _context_of(arrival, {"from_email": arrival.address})
    return CommentRow(
        project_id=arrival.project.id,
        scope=MESSAGE_SCOPE,
        item_id=str(on.id),
        ticket_id=on.id,
        item_context={"author_type": SUPPORT, "is_private": False, **context},
        author_type=SUPPORT,
        is_private=False,
        content=content,
        created_by=created_by,
        via_ticket_id=on.via_ticket_id,
        created_at=at,
    )


def _authorship(arrival: Arrival, on: LockedTicket, sender: KnownSender) -> dict[str, Any]:
    """Return what the context says of who wrote it. Who isn't known on the ticket never speaks in another's name."""
    if sender.role == "requester":
        return {"distinct_id": on.distinct_id, "from_email": arrival.address}
    if sender.participant is not None:
        guest = sender.participant
        return {
            "distinct_id": guest.distinct_id or guest.email,
            **authorship_of(guest, {"name": arrival.name}),
        }
    stranger = {"distinct_id": arrival.address or arrival.fallback_id, "from_email": arrival.address}
    name = {"author_name": arrival.name or arrival.address or "Somebody"}
    return {**stranger, **name, **stranger_context(arrival.address)}


def _context_of(arrival: Arrival, about: dict[str, Any]) -> dict[str, Any]:
    return {**arrival.context, **about}


async def _add_participants(
    db: Db, services: Services, arrival: Arrival, ticket: LockedTicket, at: datetime
) -> None:
    """Let those in To and Cc take part in a locked ticket, as far as there is room."""
    requester = requester_of(ticket)
    wanted = [one for one in arrival.recipients if not requester.is_same(one)]
    if not wanted:
        return
    present = await participants_of(db, ticket.project_id, ticket.id)
    known = {one.email for one in present}
    new = [one for one in wanted if one.email not in known][: max(0, MAX_PARTICIPANTS - len(present))]
    added = await insert_participants(db, ticket, new, None, at)
    if added:
        await store_fields(db, ticket, {"cc_participants": addresses([*present, *added])}, at)
        on = Occasion(arrival.project, at)
        await announce(db, services, *(participant_added(on, ticket, one) for one in added))
