"""Which tickets a mail names, the most telling way first."""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, func, select

from parley.conversations.tickets.tables import comment, ticket
from parley.email.interpretation.rules.decision import FoundBy
from parley.email.parsing.schemas import ParsedMail
from parley.email.threading.queries import known_reference, ticket_id_of_number
from parley.email.threading.rules import comment_of_own_id, inbound_address, number_in_subject
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.secrets import Vault


class MentionedTicket(msgspec.Struct, frozen=True):
    """A ticket that a mail names, live, merged or deleted, and how. `is_by_strangers_id`: the id is not one of ours."""

    ticket_id: UUID
    found_by: FoundBy
    is_by_strangers_id: bool = False


class MailNames(msgspec.Struct, frozen=True):
    """Everything by which a mail may name a ticket; `named_ids` are those of the thread, the nearest first."""

    named_ids: list[str]
    own_id: str | None
    recipients: list[str]
    inbound_token: str
    subject: str


def names_of(mail: ParsedMail, recipient: str, inbound_token: str) -> MailNames:
    """Return by what a mail that was delivered to this address may name a ticket."""
    written = [one.address for one in (*mail.to, *mail.cc)]
    return MailNames(
        [*mail.in_reply_to, *reversed(mail.references)],
        mail.message_id,
        [recipient, *mail.delivered_to, *written],
        inbound_token,
        mail.subject,
    )


async def named_tickets(
    db: Db, vault: Vault, project_id: int, names: MailNames
) -> AsyncIterator[MentionedTicket]:
    """Yield the tickets that a mail names: by message ids, by its address, by its subject."""
    found = await known_reference(db, project_id, names.named_ids)
    if found is not None and found.origin != "named":
        yield MentionedTicket(found.ticket_id, "message_id", found.origin == "received")
    own = await _ticket_of_own_id(db, vault, project_id, names.named_ids)
    if own is not None:
        yield MentionedTicket(own, "message_id")
    if found is not None and found.origin == "named":
        yield MentionedTicket(found.ticket_id, "named_id")
    number = _number_in_address(vault, names)
    if number is not None and (id := await ticket_id_of_number(db, project_id, number)):
        yield MentionedTicket(id, "reply_address")
    earlier = await known_reference(db, project_id, [names.own_id]) if names.own_id else None
    if earlier is not None and earlier.origin == "named":
        yield MentionedTicket(earlier.ticket_id, "named_id")
    number = number_in_subject(names.subject)
    if number is not None and (id := await ticket_id_of_number(db, project_id, number)):
        yield MentionedTicket(id, "subject")


_PLACE = Prepared(
    select(func.coalesce(comment.c.home_ticket_id, comment.c.ticket_id)).where(
        comment.c.project_id == bindparam("project_id"), comment.c.id == bindparam("comment_id")
    )
)


async def _ticket_of_own_id(db: Db, vault: Vault, project_id: int, ids: list[str]) -> UUID | None:
    """Return the ticket of our own mail that one of the ids belongs to, by its signature (primary key)."""
    for id in ids:
        comment_id = comment_of_own_id(vault, project_id, id)
        if comment_id is not None:
            row = await db.row(_PLACE, project_id=project_id, comment_id=comment_id)
            if row is not None and row[0] is not None:
                ticket_id: UUID = row[0]
                return ticket_id
    return None


def _number_in_address(vault: Vault, names: MailNames) -> int | None:
    for recipient in names.recipients:
        found = inbound_address(vault, recipient)
        if found is not None and found.inbound_token == names.inbound_token and found.ticket_number:
            return found.ticket_number
    return None


_NUMBER = Prepared(
    select(ticket.c.number).where(
        ticket.c.project_id == bindparam("project_id"), ticket.c.id == bindparam("ticket_id")
    )
)


async def number_of(db: Db, project_id: int, ticket_id: UUID) -> int | None:
    """Return the number of a ticket, also of a deleted one (primary key)."""
    row = await db.row(_NUMBER, project_id=project_id, ticket_id=ticket_id)
    return row[0] if row else None


_REQUESTER = Prepared(
    select(ticket.c.email_from).where(
        ticket.c.project_id == bindparam("project_id"), ticket.c.id == bindparam("ticket_id")
    )
)


async def requester_address_of(db: Db, project_id: int, ticket_id: UUID) -> str | None:
    """Return from where a ticket was opened by mail, also of a deleted one (primary key)."""
    row = await db.row(_REQUESTER, project_id=project_id, ticket_id=ticket_id)
    return row[0] if row else None
