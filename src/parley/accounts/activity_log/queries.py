"""Reading the activity log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, bindparam, case, func, select, true

from parley.accounts.access_levels.queries.visibility import access_values, is_visible_to
from parley.accounts.activity_log.schemas import Detail, EntryOut
from parley.accounts.activity_log.tables import activity_log
from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.dialect import uuid_of_text
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest

TICKETS = "Ticket"
"""The scope of entries about tickets, as the tickets write it."""


_ENTRY = StructColumns(EntryOut, activity_log, user=USER.or_none())


class ActivityFilters(msgspec.Struct, frozen=True):
    """What the list is narrowed to; None means no condition."""

    scope: str | None = None
    item_id: str | None = None


async def activity_page(
    db: Db, actor: Actor, filters: ActivityFilters, asked: PageRequest
) -> tuple[int, list[EntryOut]]:
    """Return how many entries match that the caller may see, and those of one page, newest first.

    Served by ix_activity_log_item for one item, else by the primary key, whose ids are in the order of time.
    """
    matching = [activity_log.c.project_id == actor.project_id, *_of_visible_tickets(actor)]
    values = {"project_id": actor.project_id, **access_values(actor)}
    if filters.scope is not None:
        matching.append(activity_log.c.scope == filters.scope)
    if filters.item_id is not None:
        matching.append(activity_log.c.item_id == filters.item_id)
    counted = select(func.count()).select_from(activity_log).where(*matching)
    count = (await db.execute(counted.params(values))).scalar_one()
    page = (
        select(*_ENTRY.columns)
        .outerjoin_from(activity_log, user_account, user_account.c.id == activity_log.c.user_id)
        .where(*matching)
        .order_by(activity_log.c.id.desc())
        .limit(asked.limit)
    )
    last_id = _id_of(asked.cursor)
    page = page.offset(asked.offset) if last_id is None else page.where(activity_log.c.id < last_id)
    return count, [_shown(row) for row in (await db.execute(page.params(values))).all()]


def _of_visible_tickets(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the condition for entries about tickets that the caller sees, and about everything else."""
    ticket_id = uuid_of_text(activity_log.c.item_id)
    condition = is_visible_to(actor, ticket_id)
    # A CASE, and no OR: what isn't the id of a ticket must never be read as one.
    return [] if condition is None else [case((activity_log.c.scope == TICKETS, condition), else_=true())]


class StoredEntry(msgspec.Struct, frozen=True):
    """An entry without its user."""

    id: UUID
    user_id: int | None
    activity: str
    item_id: str
    detail: dict[str, Any]
    created_at: datetime

    @property
    def says_what(self) -> bool:
        """Whether it says what was changed, besides that something happened."""
        return bool(self.detail.get("changes") or self.detail.get("trigger"))


_STORED = StructColumns(StoredEntry, activity_log)
_ABOUT = Prepared(
    select(*_STORED.columns)
    .where(
        activity_log.c.project_id == bindparam("project_id"),
        activity_log.c.scope == bindparam("scope"),
        is_one_of(activity_log.c.item_id, listed("items", activity_log.c.item_id)),
    )
    .order_by(activity_log.c.id)
)


async def entries_about(db: Db, project_id: int, scope: str, items: Sequence[str]) -> list[StoredEntry]:
    """Return the entries about any of the items, oldest first (ix_activity_log_item)."""
    rows = await db.rows(_ABOUT, project_id=project_id, scope=scope, items=items) if items else ()
    return [_STORED(row) for row in rows]


_LATEST = Prepared(
    select(*_ENTRY.columns)
    .outerjoin_from(activity_log, user_account, user_account.c.id == activity_log.c.user_id)
    .where(
        activity_log.c.project_id == bindparam("project_id"),
        activity_log.c.scope == bindparam("scope"),
        activity_log.c.item_id == bindparam("item_id"),
    )
    .order_by(activity_log.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


async def latest_entries(
    database: Database, project_id: int, scope: str, item_id: str, *, limit: int
) -> list[EntryOut]:
    """Return the latest entries about an item that the caller may see, oldest first (ix_activity_log_item)."""
    rows = await database.read(_LATEST, project_id=project_id, scope=scope, item_id=item_id, limit=limit)
    return [_shown(row) for row in reversed(rows)]


def _id_of(cursor: str | None) -> UUID | None:
    """Read the cursor of a page, which is the id of the last entry before it."""
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        return None


def _shown(row: Any) -> EntryOut:
    found = _ENTRY(row)
    return msgspec.structs.replace(found, detail=msgspec.convert(found.detail, Detail))
