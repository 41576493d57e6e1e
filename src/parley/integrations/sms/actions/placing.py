"""A text message becomes one of a ticket: of the one that its sender has open, or of a new one."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, update

from parley.conversations.files.actions.attaching import attach_files
from parley.conversations.participants.queries import participants_of
from parley.conversations.participants.rules import authorship_of
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_added, ticket_opened
from parley.conversations.ticket_changes.rules.events import Occasion, OpenedTicket
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
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE, time_of_message
from parley.conversations.tickets.rules.fields import reopens_on_reply, status_after_message
from parley.integrations.sms import SMS
from parley.integrations.sms.queries.contacts import contact_key
from parley.integrations.sms.rules.numbers import shown_number
from parley.integrations.sms.schemas import SettledFiles, SmsContact
from parley.integrations.sms.tables import sms_contact, sms_thread
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Project
from parley.kernel.services import Services

MISSING = "[{} of this message could not be fetched from Twilio.]"
NOTE_BY = "Text messages"


async def open_ticket_of(
    db: Db, project: Project, contact: SmsContact, *, reopens: bool
) -> LockedTicket | None:
    """Lock the ticket that the next message of a contact continues; None where it opens a new one.

    A resolved ticket is continued where messages reopen it (`reopen_on_reply`), or where this one wants no answer.
    """
    if contact.ticket_id is None:
        return None
    try:
        found = await locked_ticket(db, contact.project_id, contact.ticket_id)
    except NotFound:
        return None
    is_closed = found.status == "resolved" and reopens and not reopens_on_reply(project.settings)
    return None if is_closed else found


async def place(
    db: Db, services: Services, project: Project, contact: SmsContact, body: str, files: SettledFiles
) -> None:
    """Write a message of a locked contact on their ticket, or open one with it."""
    text = text_with_files(body, files)
    before = await open_ticket_of(db, project, contact, reopens=True)
    if before is None:
        comment_id = await _open(db, services, project, contact, text)
    else:
        comment_id = await append(db, services, project, contact, before, text, reopens=True)
    await attach_files(db, project.id, comment_id, files.ids)


def text_with_files(body: str, files: SettledFiles) -> str:
    """Return the words of a message, and that files of it are missing."""
    missing = f"{files.n_missing} file{'s' * (files.n_missing > 1)}" if files.n_missing else ""
    parts = (body.replace("\0", "").strip(), MISSING.format(missing) if missing else "")
    return "\n".join(filter(None, parts))


async def _open(db: Db, services: Services, project: Project, contact: SmsContact, text: str) -> UUID:
    now = services.clock.now()
    opened = await new_ticket(db, project, contact, "new", now, text)
    await announce(db, services, ticket_opened(Occasion(project, now), opened, text))
    await insert_thread(db, contact, opened.id)
    assert opened.message_id is not None
    return opened.message_id


async def new_ticket(
    db: Db, project: Project, contact: SmsContact, status: str, now: datetime, text: str | None
) -> OpenedTicket:
    """Insert a ticket of a contact, with their first message where there is one."""
    row = TicketRow(
        project_id=project.id,
        status=status,
        channel_source=SMS,
        channel_detail=None,
        distinct_id=contact.distinct_id,
        widget_session_id=uuid4(),  # nobody's
        identity_verified=False,  # whoever can fake the sender of a message must not get at what was said before
        anonymous_traits={"name": shown_number(contact.number), "phone": contact.number},
        session_id=None,
        session_context={},
        created_at=now,
    )
    return await insert_ticket(db, row, text)


async def insert_thread(db: Db, contact: SmsContact, ticket_id: UUID) -> None:
    """Have answers on a new ticket go to a locked contact, and their next message continue it."""
    thread = {"project_id": contact.project_id, "ticket_id": ticket_id, "contact_id": contact.id}
    await db.execute(insert(sms_thread).values(thread))
    mine = contact_key(contact.project_id, contact.id)
    await db.execute(update(sms_contact).where(mine).values(ticket_id=ticket_id))


async def append(
    db: Db,
    services: Services,
    project: Project,
    contact: SmsContact,
    before: LockedTicket,
    text: str,
    *,
    reopens: bool,
) -> UUID:
    """Write a customer's message on a locked ticket."""
    at = time_of_message(services.clock.now(), before.last_message_at)
    about = await _authorship(db, contact, before)
    new = customer_message(project.id, before.id, text, at, about, via_ticket_id=before.via_ticket_id)
    reopens = reopens and reopens_on_reply(project.settings)
    status = status_after_message(before.status, new, reopens=reopens)
    is_first = await is_first_of_customer(db, project, before.id, new, is_stored=False)
    id = await store(db, new)
    await count_customer_message(
        db, new, before, before, status, closed_to_sessions=before.closed_to_sessions
    )
    change = message_added(Occasion(project, at), before, new, id, status, is_unread=True, is_first=is_first)
    await announce(db, services, change)
    return id


async def _authorship(db: Db, contact: SmsContact, on: LockedTicket) -> dict[str, Any]:
    """Return what the context says of who wrote it: the requester, or, on the target of a merge, a participant."""
    about: dict[str, Any] = {"distinct_id": contact.distinct_id}
    if on.distinct_id == contact.distinct_id:
        return about
    for one in await participants_of(db, on.project_id, on.id):
        if one.distinct_id == contact.distinct_id:
            return about | authorship_of(one, {"name": shown_number(contact.number)})
    return about | {"author_name": shown_number(contact.number)}


async def add_note(db: Db, services: Services, project: Project, on: LockedTicket, text: str) -> None:
    """Write a private note of the channel itself on a locked ticket."""
    at: datetime = time_of_message(services.clock.now(), on.last_message_at)
    row = CommentRow(
        project_id=project.id,
        scope=MESSAGE_SCOPE,
        item_id=str(on.id),
        ticket_id=on.id,
        item_context={"author_type": "support", "is_private": True, "author_name": NOTE_BY},
        author_type="support",
        is_private=True,
        content=text,
        created_by=None,
        via_ticket_id=on.via_ticket_id,
        created_at=at,
    )
    id = await store(db, row)
    await count_message(db, row, on.status)
    await announce(db, services, message_added(Occasion(project, at), on, row, id, on.status, is_first=False))
