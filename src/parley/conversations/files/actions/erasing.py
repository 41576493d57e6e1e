"""Files go: their rows in the transaction of what removes them, their objects after it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from parley.conversations.files.actions.usage import subtract_usage
from parley.conversations.files.queries import is_on_comments, never_attached
from parley.conversations.files.schemas import File
from parley.conversations.files.tables import file
from parley.conversations.tickets.tables import comment
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue
from parley.kernel.storage.keys import object_key

DELETE_OBJECTS = "files.delete_objects"
BATCH = 500


async def forget_files(
    db: Db, project_id: int, *, on_tickets: Sequence[UUID] = (), comment_ids: Sequence[UUID] = ()
) -> int:
    """Remove the files of all comments on some tickets, and of others by their ids, before the comments; return how many.

    Their objects are deleted by work once this is committed.
    """
    gone: dict[UUID, int] = {}
    for column, values in ((comment.c.ticket_id, on_tickets), (comment.c.id, comment_ids)):
        for at in range(0, len(values), BATCH):
            these = is_on_comments(project_id, column, values[at : at + BATCH])
            rows = await db.execute(delete(file).where(these).returning(file.c.id, file.c.size_bytes))
            gone |= {row.id: row.size_bytes for row in rows}
    await _forget_objects(db, project_id, list(gone))
    if gone:
        await subtract_usage(db, project_id, sum(gone.values()))
    return len(gone)


async def forget_never_attached(db: Db, until: datetime) -> int:
    """Remove uploads that nobody attached, in all projects, at most a batch; return how many."""
    old = await never_attached(db, until, limit=BATCH)
    await forget_pending(db, old)
    return len(old)


async def forget_pending(db: Db, pending: Sequence[File]) -> None:
    """Remove locked uploads that are not attached."""
    for project_id in sorted({one.project_id for one in pending}):
        mine = [one for one in pending if one.project_id == project_id]
        ids = [one.id for one in mine]
        await db.execute(delete(file).where(file.c.project_id == project_id, file.c.id.in_(ids)))
        await _forget_objects(db, project_id, ids)
        await subtract_usage(db, project_id, sum(map(_counted, mine)))


def _counted(one: File) -> int:
    return one.size_bytes if one.stored_at is not None else 0


async def _forget_objects(db: Db, project_id: int, ids: Sequence[UUID]) -> None:
    for at in range(0, len(ids), BATCH):
        keys: list[Any] = [
            object_key(project_id, kind, id) for id in ids[at : at + BATCH] for kind in ("file", "thumbnail")
        ]
        await enqueue(db, DELETE_OBJECTS, {"keys": keys}, project_id=project_id)
