"""Tickets from before somebody signed in become theirs, once they show the session that opened them."""

from uuid import UUID

from parley.conversations.threads.queries.sessions import session_ticket_ids
from parley.conversations.tickets.actions.customers import Owner, give_to_owner
from parley.kernel.services import Services


async def take_over(services: Services, project_id: int, session: UUID, owner: Owner) -> None:
    """Give what a bare session has opened to the person who shows it; from then on the session opens none of it.

    Deleted and merged tickets come along. What the session has lost already, since somebody verified has written there,
    isn't theirs either. Safe to repeat; served by ix_ticket_session.
    """
    if not await session_ticket_ids(services.database.read, project_id, session):
        return
    async with services.database.transaction() as db:
        ids = await session_ticket_ids(db.rows, project_id, session, is_locking=True)
        await give_to_owner(db, services, project_id, ids, owner)
