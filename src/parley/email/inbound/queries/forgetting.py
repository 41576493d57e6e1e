"""Rows of the ledger that are to forget what they know, and those about one person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Integer, Text, bindparam, exists, or_, select

from parley.accounts.projects.tables import project
from parley.email.channels.tables import email_channel
from parley.email.inbound.schemas import InboundMessageOut
from parley.email.inbound.tables import IS_KEPT_RAW, ON_TICKET, inbound_message
from parley.kernel.database.bulk import ListOf, is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

c = inbound_message.c


class ForgettableRow(msgspec.Struct, frozen=True):
    """A row, and where its raw mail is."""

    id: UUID
    raw_key: str | None


_ROW = StructColumns(ForgettableRow, inbound_message)
_ROWS = select(*_ROW.columns).where(c.project_id == bindparam("project_id"))
_OLD = Prepared(
    _ROWS.where(IS_KEPT_RAW, c.processed_at < bindparam("until", type_=c.processed_at.type))
    .order_by(c.processed_at)
    .limit(bindparam("limit", type_=Integer))
)
_TICKETS = is_one_of(c.ticket_id, listed("tickets", c.ticket_id))
_PEOPLE = is_one_of(c.from_address, bindparam("addresses", type_=ListOf(Text())))
_OF_TICKETS = Prepared(_ROWS.where(ON_TICKET, _TICKETS).with_for_update())
_OF_PEOPLE = Prepared(_ROWS.where(_PEOPLE).with_for_update())


async def old_raw_mails(db: Db, project_id: int, until: datetime, *, limit: int) -> Sequence[ForgettableRow]:
    """Return rows of a project whose raw mails are older than that (ix_inbound_message_raw)."""
    rows = await db.rows(_OLD, project_id=project_id, until=until, limit=limit)
    return [_ROW(row) for row in rows]


async def rows_of_tickets(db: Db, project_id: int, ticket_ids: Sequence[UUID]) -> list[ForgettableRow]:
    """Return and hold the rows of mails that are on these tickets (ix_inbound_message_ticket)."""
    rows = await db.rows(_OF_TICKETS, project_id=project_id, tickets=list(ticket_ids)) if ticket_ids else ()
    return [_ROW(row) for row in rows]


async def rows_of_people(db: Db, project_id: int, addresses: Sequence[str]) -> list[ForgettableRow]:
    """Return and hold the rows of mails from these addresses (ix_inbound_message_from)."""
    rows = await db.rows(_OF_PEOPLE, project_id=project_id, addresses=list(addresses)) if addresses else ()
    return [_ROW(row) for row in rows]


_OUT = StructColumns(InboundMessageOut, inbound_message, has_raw=c.raw_key.is_not(None))
_ABOUT = Prepared(
    select(*_OUT.columns)
    .where(c.project_id == bindparam("project_id"), or_(_PEOPLE, ON_TICKET & _TICKETS))
    .order_by(c.id)
)


async def mails_about(
    db: Db, project_id: int, ticket_ids: Sequence[UUID], addresses: Sequence[str]
) -> list[InboundMessageOut]:
    """Return the ledger's rows of these people and tickets, oldest first."""
    found = await db.rows(_ABOUT, project_id=project_id, tickets=list(ticket_ids), addresses=list(addresses))
    return [_OUT(row) for row in found]


_KEPT_RAW = Prepared(
    select(c.id).where(
        c.project_id == bindparam("project_id"), is_one_of(c.id, listed("ids", c.id)), IS_KEPT_RAW
    )
)


async def kept_raw(db: Database, project_id: int, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of some ids whose rows have a raw mail (primary key)."""
    return {row[0] for row in await db.read(_KEPT_RAW, project_id=project_id, ids=list(ids))}


_WITH_CHANNELS = Prepared(select(email_channel.c.project_id).distinct().order_by(email_channel.c.project_id))


async def projects_with_channels(db: Db) -> list[int]:
    """Return the projects that may get mail."""
    return [row[0] for row in await db.rows(_WITH_CHANNELS)]


async def projects_with_raw_mails(db: Db, until: datetime) -> Sequence[tuple[int, dict[str, object]]]:
    """Return the projects that have raw mails older than that, with their settings (ix_inbound_message_raw)."""
    old = exists().where(c.project_id == project.c.id, IS_KEPT_RAW, c.processed_at < until)
    found = select(project.c.id, project.c.conversations_settings).where(old).order_by(project.c.id)
    return [(row.id, row.conversations_settings) for row in await db.execute(found)]
