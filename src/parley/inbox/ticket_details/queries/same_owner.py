"""Other conversations of whoever owns a ticket: that is proved, and not what capture links (decision 15)."""

from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, literal_column, select

from parley.accounts.access_levels.queries.visibility import (
    TicketVisibility,
    access_values,
    visibility_of,
    visible_tickets,
)
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.queries.tickets import PROJECT
from parley.conversations.tickets.tables import LIVE, ticket
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor

MOST = 50
OTHER_WAYS = ("email", "sms", "slack")
"""Channels whose answers go where the customer wrote from."""


class SameOwnersTicket(msgspec.Struct, frozen=True):
    """Another ticket of the same owner."""

    id: UUID
    number: int
    anonymous_traits: dict[str, Any]


_SAME = StructColumns(SameOwnersTicket, ticket)
_BUT: Any = bindparam("but", type_=ticket.c.id.type)


@lru_cache(maxsize=256)
def _others(visibility: TicketVisibility, *, is_signed: bool) -> Prepared:
    if is_signed:
        signed: Any = bindparam("distinct_id", type_=ticket.c.distinct_id.type)
        same: tuple[Any, ...] = (ticket.c.identity_verified.is_(True), ticket.c.distinct_id == signed)
    else:
        mine = ticket.alias("mine")
        session = select(mine.c.widget_session_id).where(
            mine.c.project_id == bindparam("project_id"),
            mine.c.id == _BUT,
            mine.c.closed_to_sessions.is_(False),
        )
        same = (
            ticket.c.identity_verified.is_not(True),
            ticket.c.closed_to_sessions.is_(False),
            ticket.c.widget_session_id == session.scalar_subquery(),
        )
    return Prepared(
        select(*_SAME.columns)
        .where(
            PROJECT,
            LIVE,
            *same,
            ticket.c.id != _BUT,
            ticket.c.is_merged.is_(False),
            *(ticket.c.channel_source != one for one in OTHER_WAYS),
            *visible_tickets(visibility, ticket.c.id),
        )
        .order_by(ticket.c.created_at.desc())
        .limit(literal_column(str(MOST)))
    )


async def tickets_with_other_address(
    source: Database | Db, actor: Actor, ticket: TicketOut, email: str
) -> list[SameOwnersTicket]:
    """Return the newest other tickets of a ticket's owner to which another address was told, as far as the caller sees them.

    The owner is who is signed as its distinct id or, of a ticket that nobody has signed, whose browser it is: a claimed
    id, an address and what capture says of a person can be anybody's (ix_ticket_distinct_id, ix_ticket_session).
    """
    is_signed = ticket.identity_verified is True
    values: dict[str, Any] = {"but": ticket.id} | access_values(actor)
    if is_signed:
        values["distinct_id"] = ticket.distinct_id
    read = source.rows if isinstance(source, Db) else source.read
    statement = _others(visibility_of(actor), is_signed=is_signed)
    rows = await read(statement, project_id=actor.project_id, **values)
    return [one for one in map(_SAME, rows) if one.anonymous_traits.get("email") != email]
