"""Removing old changes."""

from collections import Counter
from datetime import datetime

from sqlalchemy import delete, tuple_

from parley.conversations.change_feed.actions.numbering import locked_head, move_head
from parley.conversations.change_feed.queries import oldest, projects_with_unread
from parley.conversations.change_feed.tables import change
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid


async def forget_some(db: Db, before: datetime, *, limit: int) -> int:
    """Delete changes that are older, at most so many; return how many (ix_change_created_at). Safe to run twice."""
    # The heads come first, as for whoever gives places.
    for project_id in await projects_with_unread(db, before):
        await locked_head(db, project_id)
    gone = delete(change).where(tuple_(change.c.project_id, change.c.id).in_(oldest(before, limit)))
    rows = (await db.execute(gone.returning(change.c.project_id, change.c.place))).all()
    # A reader who comes back must see that something is missing: what had no place leaves as many behind.
    for project_id, count in sorted(Counter(row.project_id for row in rows if row.place is None).items()):
        await move_head(db, project_id, count, new_uuid())
    return len(rows)
