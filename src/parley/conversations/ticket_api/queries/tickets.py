"""One ticket, whole, as the API shows it."""

from functools import lru_cache

from sqlalchemy import bindparam

from parley.accounts.access_levels.queries.levels import visible_level
from parley.accounts.access_levels.queries.visibility import check_sees_any_ticket
from parley.conversations.ticket_api.queries.shown import ID, live_tickets, shown, ticket_of
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.queries.merged_ticket import merged_ticket
from parley.conversations.tickets.queries.tickets import MOST_MOVES
from parley.conversations.tickets.rules.ids import id_or_number
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor


@lru_cache
def _by_id(dialect: str) -> Prepared:
    """One ticket by primary key."""
    return Prepared(
        shown(live_tickets().where(ticket.c.id == bindparam("ticket_id")).subquery("page"), dialect)
    )


@lru_cache
def _by_number(dialect: str) -> Prepared:
    """One ticket by the unique index of numbers."""
    return Prepared(
        shown(live_tickets().where(ticket.c.number == bindparam("number")).subquery("page"), dialect)
    )


async def ticket_by_key(source: Db | Database, actor: Actor, key: str) -> TicketOut:
    """Return the ticket that a path names by its uuid or its number.

    For a merged ticket it is its target, which then says what was asked for; only a miss costs a second look. Raises
    NotFound, also for one that the caller may not see, and PermissionDenied for who sees no ticket at all.
    """
    check_sees_any_ticket(actor)
    read = source.rows if isinstance(source, Db) else source.read
    dialect = source.dialect.name if isinstance(source, Db) else source.dialect
    wanted, merged = id_or_number(key), None
    for _ in range(MOST_MOVES):
        if wanted is None:
            break
        if isinstance(wanted, int):
            found = await read(_by_number(dialect), project_id=actor.project_id, number=wanted)
        else:
            found = await read(_by_id(dialect), project_id=actor.project_id, ticket_id=wanted)
        if found:
            ticket = ticket_of(found[0], await visible_level(source, actor, found[0][ID]))
            ticket.merged_from = merged.merged_from if merged else None
            return ticket
        merged = await merged_ticket(read, actor.project_id, merged.merged_from.id if merged else wanted)
        wanted = merged.last_target_id if merged and merged.last_target_id != wanted else None
    raise NotFound
