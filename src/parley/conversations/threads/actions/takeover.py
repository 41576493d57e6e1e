"""Tickets from before somebody signed in become theirs, once they show the session that opened them."""

from uuid import UUID

import msgspec
from sqlalchemy import bindparam, true, update

from parley.accounts.activity_log.actions import record_all
from parley.conversations.threads.queries.takeover import OF_SESSION, reached_by_session
from parley.conversations.tickets.actions.history import (
    By,
    Subject,
    changed,
    entry,
)
from parley.conversations.tickets.actions.notices import tell
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.http.dependencies import Services


class Owner(msgspec.Struct, frozen=True):
    """Somebody whose distinct id the project's server has signed, and the session that follows from the signature."""

    distinct_id: str
    session: UUID


_TAKE_OVER = Prepared(
    update(ticket)
    .where(*OF_SESSION, is_one_of(ticket.c.id, listed("ids", ticket.c.id)))
    .values(
        identity_verified=true(),
        distinct_id=bindparam("owner_id", type_=ticket.c.distinct_id.type),
        widget_session_id=bindparam("own_session", type_=ticket.c.widget_session_id.type),
    )
    .returning(ticket.c.id, ticket.c.number, ticket.c.deleted_at)
)


async def take_over(services: Services, project_id: int, session: UUID, owner: Owner) -> None:
    """Give what a bare session has opened to the person who shows it; from then on the session opens none of it.

    Deleted and merged tickets come along. What the session has lost already, since somebody verified has written there,
    isn't theirs either. Safe to repeat; served by ix_ticket_session.
    """
    if not await reached_by_session(services.database.read, project_id, session):
        return
    async with services.database.transaction() as db:
        ids = await reached_by_session(db.rows, project_id, session, is_locking=True)
        await _take_over(db, services, project_id, session, owner, ids)


async def _take_over(
    db: Db, services: Services, project_id: int, session: UUID, owner: Owner, ids: set[UUID]
) -> None:
    taken = await db.rows(
        _TAKE_OVER,
        project_id=project_id,
        session=session,
        ids=sorted(ids),
        owner_id=owner.distinct_id,
        own_session=owner.session,
    )
    now, became = services.clock.now(), changed("identity_verified", False, True)
    on = [Subject(project_id, id, number) for id, number, _ in taken]
    await record_all(db, [entry(one, "updated", [became], By(), now) for one in on])
    for id, number, deleted_at in taken:
        if deleted_at is None:
            tell(db, services, project_id, "ticket.changed", ticket_id=id, number=number)
