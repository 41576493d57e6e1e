"""What a bare session has opened and still reaches."""

from uuid import UUID

from sqlalchemy import bindparam, false, select

from parley.conversations.threads.queries.merge_paths import ids_closed_to_sessions
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.prepared import Prepared, Reads

OF_SESSION = (
    ticket.c.project_id == bindparam("project_id"),
    ticket.c.widget_session_id == bindparam("session"),
    ticket.c.identity_verified == false(),
    ticket.c.closed_to_sessions == false(),
)
OPENED = select(ticket.c.id, ticket.c.has_been_merged).where(*OF_SESSION)
_READ = Prepared(OPENED)
# In the order in which everybody locks several tickets.
_LOCKED = Prepared(OPENED.order_by(ticket.c.id).with_for_update(key_share=True))


async def session_ticket_ids(
    read: Reads, project_id: int, session: UUID, *, is_locking: bool = False
) -> set[UUID]:
    """Return the tickets that a bare session reaches, deleted and merged ones included (ix_ticket_session)."""
    rows = await read(_LOCKED if is_locking else _READ, project_id=project_id, session=session)
    merged = [id for id, has_been_merged in rows if has_been_merged]
    closed = await ids_closed_to_sessions(read, project_id, merged) if merged else set()
    return {id for id, _ in rows} - closed
