"""What is known of a recording before anything is stored for it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, exists, select

from parley.analytics.recordings.queries.storing import FIRST_AT
from parley.analytics.recordings.tables import recording, recording_block, recording_usage
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db


class Known(msgspec.Struct, frozen=True):
    """What there is: of the recording (None without one), and what the project has recorded today.

    `first_at` is when the block begins that came first.
    """

    recording_bytes: int | None
    n_blocks: int | None
    first_at: datetime | None
    deleted_at: datetime | None
    has_digest: bool
    day_bytes: int | None
    day_recordings: int | None
    limited_at: datetime | None


r, b, u = recording.c, recording_block.c, recording_usage.c
_SESSION = (r.project_id == bindparam("project_id"), r.session_id == bindparam("session_id"))
_BLOCK = (
    b.project_id == bindparam("project_id"),
    b.session_id == bindparam("session_id"),
    b.digest == bindparam("digest"),
)
_DAY = (u.project_id == bindparam("project_id"), u.counted_on == bindparam("counted_on"))
_KNOWN = Prepared(
    select(
        select(r.size_bytes).where(*_SESSION).scalar_subquery(),
        select(r.n_blocks).where(*_SESSION).scalar_subquery(),
        FIRST_AT.scalar_subquery(),
        select(r.deleted_at).where(*_SESSION).scalar_subquery(),
        exists().where(*_BLOCK),
        select(u.size_bytes).where(*_DAY).scalar_subquery(),
        select(u.n_recordings).where(*_DAY).scalar_subquery(),
        select(u.limited_at).where(*_DAY).scalar_subquery(),
    )
)


async def known_of(database: Database, project_id: int, session_id: str, digest: bytes, on: date) -> Known:
    """Return what is known of a batch and its recording (primary keys, and the unique key of digests)."""
    rows = await database.read(
        _KNOWN, project_id=project_id, session_id=session_id, digest=digest, counted_on=on
    )
    return Known(*rows[0])


class UsedToday(msgspec.Struct, frozen=True):
    """What a project has recorded today, and the limit that was reached last."""

    n_recordings: int = 0
    size_bytes: int = 0
    limit_reached: str | None = None
    limited_at: datetime | None = None


_USED = StructColumns(UsedToday, recording_usage)


async def used_today(db: Db, project_id: int, on: date) -> UsedToday:
    """Return what a project has recorded on a day (primary key)."""
    rows = await db.execute(select(*_USED.columns).where(u.project_id == project_id, u.counted_on == on))
    row = rows.first()
    return UsedToday() if row is None else _USED(row)


async def recording_projects(db: Db, since: date) -> list[int]:
    """Return the projects that have recorded anything since that day; they are few beside their recordings."""
    rows = await db.execute(
        select(u.project_id).where(u.counted_on >= since).distinct().order_by(u.project_id)
    )
    return list(rows.scalars())


async def named_objects(db: Db, project_id: int, object_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the objects that a block names (ix_recording_block_object)."""
    rows = await db.execute(
        select(b.object_id).where(b.project_id == project_id, b.object_id.in_(object_ids))
    )
    return set(rows.scalars())
