"""What customers do to their tickets besides writing: they read them, and they sign in."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, false, true, update

from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import given_back, read_by_customer, requester_verified
from parley.conversations.ticket_changes.rules.log import TicketRef
from parley.conversations.tickets.actions.messages import THIS_TICKET
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

_MARK_READ = Prepared(
    update(ticket)
    .where(*THIS_TICKET, ticket.c.unread_customer_count > 0, ticket.c.deleted_at.is_(None))
    .values(unread_customer_count=0)
    .returning(ticket.c.number)
)


async def mark_read_by_customer(db: Db, services: Services, project_id: int, ticket_id: UUID) -> None:
    """Note that the customer has seen every message of the team; safe to repeat."""
    found = await db.row(_MARK_READ, project_id=project_id, ticket_id=ticket_id)
    if found is not None:
        await announce(db, services, read_by_customer(TicketRef(project_id, ticket_id, found[0])))


class Owner(msgspec.Struct, frozen=True):
    """Somebody whose distinct id the project's server has signed, and the session that follows from the signature."""

    distinct_id: str
    session: UUID


_GIVE_TO_OWNER = Prepared(
    update(ticket)
    .where(
        ticket.c.project_id == bindparam("project_id"),
        is_one_of(ticket.c.id, listed("ids", ticket.c.id)),
        ticket.c.identity_verified == false(),
        # Again, though whoever calls has looked: nobody else's conversation may ever be given away here.
        ticket.c.closed_to_sessions == false(),
    )
    .values(
        identity_verified=true(),
        distinct_id=bindparam("owner_id", type_=ticket.c.distinct_id.type),
        widget_session_id=bindparam("own_session", type_=ticket.c.widget_session_id.type),
    )
    .returning(ticket.c.id, ticket.c.number, ticket.c.deleted_at)
)


async def give_to_owner(
    db: Db, services: Services, project_id: int, ids: Iterable[UUID], owner: Owner
) -> None:
    """Give locked tickets, which only claim whose they are, to the person who has signed in."""
    taken = await db.rows(
        _GIVE_TO_OWNER,
        project_id=project_id,
        ids=sorted(ids),
        owner_id=owner.distinct_id,
        own_session=owner.session,
    )
    now = services.clock.now()
    changes = (
        requester_verified(TicketRef(project_id, id, number), now, is_live=deleted_at is None)
        for id, number, deleted_at in taken
    )
    await announce(db, services, *changes)


_GIVE_TO_SESSION = Prepared(
    update(ticket)
    .where(
        ticket.c.project_id == bindparam("project_id"),
        is_one_of(ticket.c.id, listed("ids", ticket.c.id)),
        # Again, though whoever calls has looked: nothing that belongs to a signed identity may ever be given away here.
        ticket.c.identity_verified == false(),
        ticket.c.closed_to_sessions == false(),
        ticket.c.widget_session_id != bindparam("session", type_=ticket.c.widget_session_id.type),
    )
    .values(widget_session_id=bindparam("session", type_=ticket.c.widget_session_id.type))
    .returning(ticket.c.id, ticket.c.number, ticket.c.deleted_at)
)


async def give_to_session(
    db: Db, services: Services, project_id: int, ids: Iterable[UUID], session: UUID, email: str
) -> None:
    """Give locked tickets, which belong to bare sessions, to another one; a link to the address has shown whose they are."""
    moved = await db.rows(_GIVE_TO_SESSION, project_id=project_id, ids=sorted(ids), session=session)
    now = services.clock.now()
    changes = (
        given_back(TicketRef(project_id, id, number), email, now, is_live=deleted_at is None)
        for id, number, deleted_at in moved
    )
    await announce(db, services, *changes)
