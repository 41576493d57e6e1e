"""What has to be known while a batch of a recorder is stored."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from parley.analytics.recordings.tables import recording_block
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

c = recording_block.c
_MINE = (c.project_id == bindparam("project_id"), c.session_id == bindparam("session_id"))
_ONE = Prepared(select(c.digest).where(*_MINE, c.digest == bindparam("digest")))

FIRST_AT = select(c.start_at).where(*_MINE, c.number == 0)
"""When the block begins that came first: nobody can move that later."""
_FIRST_AT = Prepared(FIRST_AT)


async def first_start(db: Db, project_id: int, session_id: str) -> datetime:
    """Return when the block begins that came first (primary key)."""
    first_at: datetime = (await db.rows(_FIRST_AT, project_id=project_id, session_id=session_id))[0][0]
    return first_at


async def stored_digests(db: Db, project_id: int, session_id: str, digests: Sequence[bytes]) -> set[bytes]:
    """Return those of the digests that the recording has (uq_recording_block_project_id_session_id_digest)."""
    mine = {"project_id": project_id, "session_id": session_id}
    rows = [await db.row(_ONE, **mine, digest=digest) for digest in digests]  # mostly one
    return {bytes(row[0]) for row in rows if row is not None}
