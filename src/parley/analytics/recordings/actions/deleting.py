"""Recordings go: hidden at once, then their objects, and at last their rows.

A row stays as long as its objects do, so that nothing is ever stored that no row names. The row of a recording outlives its
blocks for at least KEPT_AS_DELETED: meanwhile no late batch brings it back, and links to it can be found and deleted.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, update

from parley.analytics.recordings.actions.log import log_change
from parley.analytics.recordings.queries.recordings import locked_recording
from parley.analytics.recordings.queries.retention import (
    expired_recordings,
    forgotten_recordings,
    recordings_of,
    some_objects,
)
from parley.analytics.recordings.schemas import OBJECT_KIND
from parley.analytics.recordings.tables import recording, recording_block, recording_view
from parley.kernel.database.retries import call_again
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services
from parley.kernel.storage.keys import object_key

CLEAR = "recordings.clear"
BATCH = 500
AT_ONCE = 100
KEPT_AS_DELETED = timedelta(days=30)
"""How long the row of a deleted recording stays at least: the jobs of features above that look for such rows run daily."""


async def delete_recording(db: Db, services: Services, actor: Actor, session_id: str) -> None:
    """Delete a recording for good; raises NotFound."""
    now = services.clock.now()
    await locked_recording(db, actor.project_id, session_id, now)
    await _hide(db, actor.project_id, [session_id], now)
    await log_change(db, actor, session_id, "deleted", now)


async def erase_recordings(db: Db, project_id: int, distinct_ids: Sequence[str], now: datetime) -> int:
    """Delete the recordings of these distinct ids; return how many."""
    n_erased = 0
    for distinct_id in distinct_ids:
        while found := await recordings_of(db, project_id, distinct_id, limit=BATCH):
            await _hide(db, project_id, found, now)
            n_erased += len(found)
    return n_erased


async def hide_expired(db: Db, now: datetime) -> int:
    """Delete recordings of all projects whose time is over, at most a batch; return how many."""
    by_project: dict[int, list[str]] = {}
    for project_id, session_id in await expired_recordings(db, now, limit=BATCH):
        by_project.setdefault(project_id, []).append(session_id)
    for project_id, session_ids in by_project.items():
        await _hide(db, project_id, session_ids, now)
    return sum(map(len, by_project.values()))


async def forget_deleted(db: Db, now: datetime) -> int:
    """Remove the rows of deleted recordings that have expired and have no blocks, at most a batch; return how many."""
    found = await forgotten_recordings(db, now, limit=BATCH)
    for project_id in sorted({one[0] for one in found}):
        ids = [session_id for owner, session_id in found if owner == project_id]
        these = (recording.c.project_id == project_id, recording.c.session_id.in_(ids))
        await db.execute(delete(recording).where(*these))
    return len(found)


async def _hide(db: Db, project_id: int, session_ids: Sequence[str], now: datetime) -> None:
    """Take everything out of the rows that tells of somebody, and have the blocks deleted once this is committed."""
    c = recording.c
    for start in range(0, len(session_ids), AT_ONCE):
        ids = list(session_ids[start : start + AT_ONCE])
        these = (c.project_id == project_id, c.session_id.in_(ids))
        until = now + KEPT_AS_DELETED
        sooner = or_(c.expires_at.is_(None), c.expires_at < until)
        await db.execute(update(recording).where(*these, sooner).values(expires_at=until))
        gone = {"deleted_at": now, "distinct_id": "", "start_url": None, "is_pinned": False}
        await db.execute(update(recording).where(*these).values(**gone))
        await db.execute(
            delete(recording_view).where(
                recording_view.c.project_id == project_id, recording_view.c.session_id.in_(ids)
            )
        )
        await enqueue(db, CLEAR, {"session_ids": ids}, project_id=project_id)


async def clear_blocks(services: Services, project_id: int, session_id: str) -> None:
    """Delete the objects of a deleted recording, and then the rows of its blocks. Safe to repeat."""
    while found := await _objects(services, project_id, session_id):
        await services.storage.delete(object_key(project_id, OBJECT_KIND, one) for one in found.values())
        await _forget_blocks(services, project_id, session_id, list(found))


async def _objects(services: Services, project_id: int, session_id: str) -> Mapping[int, UUID]:
    async with services.database.transaction(write=False) as db:
        return await some_objects(db, project_id, session_id, limit=BATCH)


async def _forget_blocks(
    services: Services, project_id: int, session_id: str, numbers: Sequence[int]
) -> None:
    c = recording_block.c
    these = (c.project_id == project_id, c.session_id == session_id, c.number.in_(numbers))

    async def forget() -> None:
        async with services.database.transaction() as db:
            await db.execute(delete(recording_block).where(*these))

    await call_again(forget)
