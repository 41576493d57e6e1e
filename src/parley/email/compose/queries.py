"""The channels by which the team may begin a conversation, and those that it began a moment ago."""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from parley.conversations.ticket_api.schemas import TicketChannel
from parley.conversations.tickets.tables import ticket
from parley.email.channels.queries import verified_channel_for
from parley.email.channels.schemas import EmailChannel
from parley.email.compose.schemas import ComposedTicket
from parley.email.compose.tables import composed_ticket
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.ids import uuid_or_none

_COMPOSED = StructColumns(ComposedTicket, id=ticket.c.id, ticket_number=ticket.c.number)


async def support_channel(db: Db, project_id: int, channel_id: UUID) -> EmailChannel | None:
    """Return a support channel of the project from which mail may be sent (primary key)."""
    channel = await verified_channel_for(db, project_id, channel_id)
    return channel if channel is not None and channel.kind == "support" else None


async def channel_of_ticket(db: Db, project_id: int, given: Any) -> TicketChannel:
    """Return the channel that a request names for a new ticket; raises Invalid for one that may not be used."""
    id = uuid_or_none(given) if isinstance(given, str) else None
    channel = await support_channel(db, project_id, id) if id is not None else None
    if channel is None:
        raise Invalid("There is no verified email channel with this id.", attr="email_config_id")
    return TicketChannel("email", None, channel.id, channel.from_email)


async def ticket_composed(db: Db, project_id: int, digest: str) -> ComposedTicket | None:
    """Return the ticket of a noted request, deleted or not (primary keys)."""
    c = composed_ticket.c
    its_own = and_(c.project_id == ticket.c.project_id, c.ticket_id == ticket.c.id)
    found = select(*_COMPOSED.columns).join(composed_ticket, its_own)
    row = (await db.execute(found.where(c.project_id == project_id, c.digest == digest))).first()
    return _COMPOSED(row) if row is not None else None
