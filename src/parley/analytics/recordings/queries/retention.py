"""Recordings that are to go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, and_, bindparam, exists, not_, select

from parley.analytics.recordings.tables import recording, recording_block
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

c = recording.c
_LIMIT = bindparam("limit", type_=Integer)
_EXPIRED = Prepared(
    select(c.project_id, c.session_id)
    .where(c.expires_at <= bindparam("now"), c.deleted_at.is_(None))
    .order_by(c.expires_at)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_FORGOTTEN = Prepared(
    select(c.project_id, c.session_id)
    .where(
        c.expires_at <= bindparam("now"),
        c.deleted_at.is_not(None),
        not_(
            exists().where(
                and_(
                    recording_block.c.project_id == c.project_id,
                    recording_block.c.session_id == c.session_id,
                )
            )
        ),
    )
    .order_by(c.expires_at)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True, of=recording)
)
_OF = Prepared(
    select(c.session_id)
    .where(
        c.project_id == bindparam("project_id"),
        c.distinct_id == bindparam("distinct_id"),
        c.deleted_at.is_(None),
    )
    .order_by(c.start_at, c.session_id)
    .limit(_LIMIT)
    .with_for_update()
)

_OF_RECORDING = (
    recording_block.c.project_id == bindparam("project_id"),
    recording_block.c.session_id == bindparam("session_id"),
)
_OBJECTS = Prepared(
    select(recording_block.c.number, recording_block.c.object_id)
    .where(*_OF_RECORDING)
    .order_by(recording_block.c.number)
    .limit(_LIMIT)
)


async def expired_recordings(db: Db, now: datetime, *, limit: int) -> Sequence[tuple[int, str]]:
    """Lock recordings of all projects whose time is over; return them (ix_recording_expires_at)."""
    return [(row[0], row[1]) for row in await db.rows(_EXPIRED, now=now, limit=limit)]


async def forgotten_recordings(db: Db, now: datetime, *, limit: int) -> Sequence[tuple[int, str]]:
    """Lock deleted recordings whose time is over and that have no blocks any more (ix_recording_expires_at)."""
    return [(row[0], row[1]) for row in await db.rows(_FORGOTTEN, now=now, limit=limit)]


async def recordings_of(db: Db, project_id: int, distinct_id: str, *, limit: int) -> list[str]:
    """Lock recordings of a distinct id, also such as have expired; return their session ids (ix_recording_person)."""
    rows = await db.rows(_OF, project_id=project_id, distinct_id=distinct_id, limit=limit)
    return [row[0] for row in rows]


async def some_objects(db: Db, project_id: int, session_id: str, *, limit: int) -> dict[int, UUID]:
    """Return numbers and object ids of the first blocks that are there (primary key)."""
    rows = await db.rows(_OBJECTS, project_id=project_id, session_id=session_id, limit=limit)
    return {row[0]: row[1] for row in rows}
