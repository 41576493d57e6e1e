"""Changes of a project in their order."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Select, Uuid, bindparam, func, select, true

from parley.conversations.change_feed.rules import Cursor, cursor_at, unbroken
from parley.conversations.change_feed.schemas import Changes, FeedEntry
from parley.conversations.change_feed.tables import change, change_head
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

PAGE = 100
NUMBERED_AT_ONCE = 1000
MINE = change.c.project_id == bindparam("project_id")
THIS_HEAD = change_head.c.project_id == bindparam("project_id")

# Sorted, or PostgreSQL would look for one from the beginning of the table.
_UNNUMBERED = Prepared(
    select(change.c.id).where(MINE, change.c.place.is_(None)).order_by(change.c.id).limit(1)
)


async def has_unnumbered(database: Database, project_id: int) -> bool:
    """Say whether a project has changes without a place (ix_change_unnumbered)."""
    return bool(await database.read(_UNNUMBERED, project_id=project_id))


_page = (
    select(
        *(
            change.c[name]
            for name in ("id", "place", "name", "ticket_id", "ticket_number", "message_id", "created_at")
        )
    )
    .where(MINE, change.c.place > bindparam("after", type_=BigInteger))
    .order_by(change.c.place)
    .limit(PAGE)
    .subquery("page")
)
# One statement, so that the head and the page are of one moment.
_AFTER = Prepared(
    select(change_head.c.last_place, *_page.c)
    .select_from(change_head.outerjoin(_page, true()))
    .where(THIS_HEAD)
    .order_by(_page.c.place)
)


async def changes_after(database: Database, project_id: int, place: int) -> Changes:
    """Return the changes that follow a place, a page at most (ix_change_place)."""
    rows = await database.read(_AFTER, project_id=project_id, after=place)
    last_place: int = rows[0][0] if rows else 0
    found = [FeedEntry(*row[1:]) for row in rows if row[1] is not None]
    page = found[: unbroken(place, [one.place for one in found])]
    return Changes(page, last_place, are_lost=not page and last_place != place)


_at = change.alias("at")
_LAST = Prepared(
    select(change_head.c.last_place, func.coalesce(_at.c.id, change_head.c.last_change_id, type_=Uuid()))
    .select_from(
        change_head.outerjoin(
            _at, (_at.c.project_id == change_head.c.project_id) & (_at.c.place == change_head.c.last_place)
        )
    )
    .where(THIS_HEAD)
)


async def last_cursor(database: Database, project_id: int) -> Cursor:
    """Return the cursor of the last place that was given in a project (primary key, ix_change_place)."""
    rows = await database.read(_LAST, project_id=project_id)
    return cursor_at(*rows[0]) if rows else Cursor(0)


_AT = Prepared(select(change.c.id).where(MINE, change.c.place == bindparam("place", type_=BigInteger)))


async def is_of_this_history(database: Database, project_id: int, cursor: Cursor) -> bool:
    """Say whether a cursor with a check was given for what is in its place now (ix_change_place).

    What is forgotten isn't known, unless it was the last: then `changes_after` finds that something is lost.
    """
    if not cursor.check:
        return True
    rows = await database.read(_AT, project_id=project_id, place=cursor.place)
    if rows:
        return cursor == cursor_at(cursor.place, rows[0][0])
    last = await last_cursor(database, project_id)
    return last.place != cursor.place or last.check in ("", cursor.check)


HEAD_LOCKED = Prepared(select(change_head.c.last_place).where(THIS_HEAD).with_for_update())
"""The last place that was given in a project, which nobody else moves until the transaction ends."""

_FIRST = Prepared(
    select(change.c.id).where(MINE, change.c.place.is_(None)).order_by(change.c.id).limit(NUMBERED_AT_ONCE)
)


async def first_unnumbered(db: Db, project_id: int) -> list[UUID]:
    """Return a batch of the changes without a place, in their order (ix_change_unnumbered)."""
    return [row[0] for row in await db.rows(_FIRST, project_id=project_id)]


async def projects_with_unread(db: Db, before: datetime) -> list[int]:
    """Return the projects with older changes that have no place, in order (ix_change_created_at)."""
    nameless = select(change.c.project_id).where(change.c.created_at < before, change.c.place.is_(None))
    return sorted((await db.execute(nameless.distinct())).scalars())


def oldest(before: datetime, limit: int) -> Select[tuple[int, UUID]]:
    """Select the keys of older changes, the oldest first (ix_change_created_at)."""
    old = select(change.c.project_id, change.c.id).where(change.c.created_at < before)
    return old.order_by(change.c.created_at).limit(limit)
