"""What has to be known while a batch of a recorder is stored."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from parley.analytics.recordings.tables import recording_block
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

c = recording_block.c
_MINE = (c.project_id == bindparam("project_id"), c.session_id == bindparam("session_id"))
_ONE = Prepared(select(c.digest).where(*_MINE, c.digest == bindparam("digest")))


async def stored_digests(db: Db, project_id: int, session_id: str, digests: Sequence[bytes]) -> set[bytes]:
    """Return those of the digests that the recording has (uq_recording_block_project_id_session_id_digest)."""
    mine = {"project_id": project_id, "session_id": session_id}
    rows = [await db.row(_ONE, **mine, digest=digest) for digest in digests]  # mostly one
    return {bytes(row[0]) for row in rows if row is not None}
