"""Conversations that were begun a moment ago."""

from sqlalchemy import and_, select

from parley.conversations.tickets.tables import ticket
from parley.email.compose.schemas import ComposedTicket
from parley.email.compose.tables import composed_ticket
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

_COMPOSED = StructColumns(ComposedTicket, id=ticket.c.id, ticket_number=ticket.c.number)


async def ticket_composed(db: Db, project_id: int, digest: str) -> ComposedTicket | None:
    """Return the ticket of a noted request, deleted or not (primary keys)."""
    c = composed_ticket.c
    its_own = and_(c.project_id == ticket.c.project_id, c.ticket_id == ticket.c.id)
    found = select(*_COMPOSED.columns).join(composed_ticket, its_own)
    row = (await db.execute(found.where(c.project_id == project_id, c.digest == digest))).first()
    return _COMPOSED(row) if row is not None else None
