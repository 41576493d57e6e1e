"""The ledger of inbound mail: single rows for actions, and pages for people."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Text, bindparam, func, literal_column, or_, select

from parley.conversations.tickets.tables import comment
from parley.email.inbound.rules.headers import ledger_address
from parley.email.inbound.rules.states import State
from parley.email.inbound.schemas import InboundMessageOut, LedgerRow, Source
from parley.email.inbound.tables import inbound_message
from parley.email.threading.rules import digest_of
from parley.kernel.database.database import Database
from parley.kernel.database.dialect import folded_holds
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.ids import first_id_at, last_id_at
from parley.kernel.text.forms import folded

c = inbound_message.c

_OF_DELIVERY = Prepared(
    select(c.id).where(
        c.project_id == bindparam("project_id"),
        c.channel_id == bindparam("channel_id", type_=c.channel_id.type),
        c.delivery_digest == bindparam("digest"),
    )
)


async def row_of_delivery(db: Db, project_id: int, channel_id: UUID, digest: str) -> UUID:
    """Return the row of a mail that was delivered before (unique index on delivery_digest)."""
    row = await db.row(_OF_DELIVERY, project_id=project_id, channel_id=channel_id, digest=digest)
    assert row is not None  # rows of the ledger stay
    id: UUID = row[0]
    return id


_ROW = StructColumns(LedgerRow, inbound_message)
_BY_ID = select(*_ROW.columns).where(c.project_id == bindparam("project_id"), c.id == bindparam("row_id"))
_READ, _LOCKED = Prepared(_BY_ID), Prepared(_BY_ID.with_for_update())


async def read_ledger_row(database: Database, project_id: int, row_id: UUID) -> LedgerRow:
    """Return a row outside any transaction (primary key); raises NotFound."""
    rows = await database.read(_READ, project_id=project_id, row_id=row_id)
    if not rows:
        raise NotFound
    return _ROW(rows[0])


async def ledger_row(db: Db, project_id: int, row_id: UUID) -> LedgerRow:
    """Return a row that is to be changed, held until the transaction ends (primary key); raises NotFound."""
    row = await db.row(_LOCKED, project_id=project_id, row_id=row_id)
    if row is None:
        raise NotFound
    return _ROW(row)


_FROM_SENDER = Prepared(
    select(func.count()).select_from(
        select(c.id)
        .where(
            c.project_id == bindparam("project_id"),
            c.from_address == bindparam("from_address"),
            c.id >= bindparam("since", type_=c.id.type),
            or_(c.state == "stored", c.state == "merged"),
            c.is_authenticated == bindparam("is_authenticated", type_=c.is_authenticated.type),
        )
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
)


async def n_from_sender(
    db: Db, project_id: int, from_address: str, since: UUID, *, is_authenticated: bool, most: int
) -> int:
    """Count, up to a number, what became a message of this sender's mails (ix_inbound_message_from).

    Mails without proof are counted apart: whoever writes many in another's name must not silence them.
    """
    row = await db.row(
        _FROM_SENDER,
        project_id=project_id,
        from_address=from_address,
        since=since,
        is_authenticated=is_authenticated,
        most=most,
    )
    return int(row[0]) if row else 0


_EARLIER = Prepared(
    select(c.ticket_id, c.ticket_number, c.comment_id)
    .where(
        c.project_id == bindparam("project_id"),
        c.message_id_digest == bindparam("digest"),
        c.from_address == bindparam("from_address"),
        c.id != bindparam("row_id", type_=c.id.type),
        c.comment_id.is_not(None),
    )
    .order_by(c.id)
    .limit(1)
)


class EarlierMail(msgspec.Struct, frozen=True):
    """What the same mail has become when it came in before, perhaps through another channel."""

    ticket_id: UUID
    ticket_number: int
    comment_id: UUID


async def earlier_mail(
    db: Db, project_id: int, message_id: str | None, from_address: str, row_id: UUID
) -> EarlierMail | None:
    """Return what became of another mail of this sender under the same Message-ID (ix_inbound_message_message_id).

    Of somebody else's mail it says nothing: anybody can send a mail under any id.
    """
    if not message_id:
        return None
    row = await db.row(
        _EARLIER,
        project_id=project_id,
        digest=digest_of(message_id),
        from_address=from_address,
        row_id=row_id,
    )
    return EarlierMail(*row) if row else None


_OUT = StructColumns(InboundMessageOut, inbound_message, has_raw=c.raw_key.is_not(None))


class LedgerFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows a list shows; None and empty texts leave a filter out. `before` is where the page begins."""

    states: tuple[State, ...] = ()
    source: Source | None = None
    channel_id: UUID | None = None
    from_address: str = ""
    message_id: str = ""
    ticket_id: UUID | None = None
    search: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: UUID | None = None


_PAGE = select(*_OUT.columns)
LOOKED_AT = 10_000
"""Rows that one page of a search reads at most; the next one goes on behind them. So no search reads a whole ledger."""


async def ledger_page(
    db: Db, project_id: int, filters: LedgerFilters, limit: int
) -> tuple[list[InboundMessageOut], UUID | None]:
    """Return a page of the ledger, newest first, and the id behind which the next one begins, if there may be more.

    The primary key is in the order of time; states and senders have indexes of their own. A text, source or channel is
    looked for in the newest rows that the other filters leave, so a page of it may hold less than there is room for.
    States stand in the text, so that PostgreSQL knows which of them are rare.
    """
    found = _PAGE.where(c.project_id == project_id, *_conditions(filters)).order_by(c.id.desc())
    wanted = _unserved(filters)
    if not wanted:
        page = [_OUT(row) for row in await db.execute(found.limit(limit + 1))]
        return page[:limit], page[limit - 1].id if len(page) > limit else None
    ids = select(c.id).where(c.project_id == project_id, *_conditions(filters)).order_by(c.id.desc())
    last = (await db.execute(ids.offset(LOOKED_AT - 1).limit(1))).scalar_one_or_none()
    near = found.where(*wanted, *([c.id >= last] if last is not None else []))
    page = [_OUT(row) for row in await db.execute(near.limit(limit + 1))]
    return page[:limit], page[limit - 1].id if len(page) > limit else last


def _conditions(filters: LedgerFilters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool] | None] = [
        c.state.in_([literal_column(f"'{state}'") for state in filters.states]) if filters.states else None,
        c.from_address == ledger_address(filters.from_address) if filters.from_address else None,
        c.message_id_digest == digest_of(filters.message_id) if filters.message_id else None,
        c.ticket_id == filters.ticket_id if filters.ticket_id else None,
        c.id >= first_id_at(filters.since) if filters.since else None,
        c.id <= last_id_at(filters.until) if filters.until else None,
        c.id < filters.before if filters.before else None,
    ]
    return [one for one in wanted if one is not None]


def _unserved(filters: LedgerFilters) -> list[ColumnElement[bool]]:
    """Return the conditions that no index serves."""
    wanted: list[ColumnElement[bool]] = []
    if filters.source:
        wanted.append(c.source == filters.source)
    if filters.channel_id:
        wanted.append(c.channel_id == filters.channel_id)
    if filters.search:
        part = bindparam("part", folded(filters.search), type_=Text())
        wanted.append(or_(folded_holds(c.subject, part), folded_holds(c.from_address, part)))
    return wanted


_ONE = Prepared(_PAGE.where(c.project_id == bindparam("project_id"), c.id == bindparam("row_id")))


async def inbound_message_by_id(db: Db, project_id: int, row_id: UUID) -> InboundMessageOut:
    """Return one row of the ledger as the API shows it (primary key); raises NotFound."""
    row = await db.row(_ONE, project_id=project_id, row_id=row_id)
    if row is None:
        raise NotFound
    return _OUT(row)


_RAW_KEY = Prepared(
    select(c.raw_key).where(c.project_id == bindparam("project_id"), c.id == bindparam("row_id"))
)


async def raw_key_of(db: Db, project_id: int, row_id: UUID) -> str:
    """Return under which key the raw mail is stored (primary key); raises NotFound where it isn't any more."""
    row = await db.row(_RAW_KEY, project_id=project_id, row_id=row_id)
    if row is None or row[0] is None:
        raise NotFound
    key: str = row[0]
    return key


_HAS = Prepared(
    select(comment.c.id).where(
        comment.c.project_id == bindparam("project_id"), comment.c.id == bindparam("comment_id")
    )
)


async def has_comment(db: Db, project_id: int, comment_id: UUID) -> bool:
    """Say whether a comment is there, be it deleted or on a deleted ticket (primary key)."""
    return await db.row(_HAS, project_id=project_id, comment_id=comment_id) is not None
