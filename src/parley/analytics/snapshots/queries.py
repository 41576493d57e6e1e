"""The blocks of a recording."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, bindparam, select

from parley.analytics.recordings.tables import recording_block
from parley.analytics.snapshots.rules import BlockRange
from parley.analytics.snapshots.schemas import SnapshotSource, StoredBlock
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

c = recording_block.c
_MINE = (c.project_id == bindparam("project_id"), c.session_id == bindparam("session_id"))
_BLOCK = StructColumns(StoredBlock, recording_block)
PAGE = 1000
"""Blocks of the list that are read at once."""
_SOURCES = Prepared(
    select(c.number, c.start_at, c.end_at)
    .where(*_MINE, c.number > bindparam("after", type_=Integer))
    .order_by(c.number)
    .limit(PAGE)
)
_RANGE = Prepared(
    select(*_BLOCK.columns)
    .where(*_MINE, c.number.between(bindparam("first", type_=Integer), bindparam("last", type_=Integer)))
    .order_by(c.number)
)


async def snapshot_sources(db: Db, project_id: int, session_id: str, after: int = -1) -> list[SnapshotSource]:
    """Return what the next blocks of a recording cover, PAGE of them at most (primary key)."""
    rows: Sequence[tuple[int, datetime, datetime]]
    rows = await db.rows(_SOURCES, project_id=project_id, session_id=session_id, after=after)  # type: ignore[assignment]
    return [
        SnapshotSource(start_timestamp=start_at, end_timestamp=end_at, blob_key=str(number))
        for number, start_at, end_at in rows
    ]


async def blocks_in(db: Db, project_id: int, session_id: str, wanted: BlockRange) -> list[StoredBlock]:
    """Return the blocks with these numbers, in their order (primary key)."""
    rows = await db.rows(
        _RANGE, project_id=project_id, session_id=session_id, first=wanted.first, last=wanted.last
    )
    return [_BLOCK(row) for row in rows]
