"""What recordings are known of one person."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Integer, bindparam, select, tuple_

from parley.analytics.recordings.tables import recording
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

PAGE = 500
c = recording.c


class RecordingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A recording as an export says it; what it shows is read through the API of recordings."""

    session_id: str
    distinct_id: str
    start_at: datetime
    end_at: datetime
    start_url: str | None
    click_count: int
    keypress_count: int
    mouse_activity_count: int
    console_log_count: int
    console_warn_count: int
    console_error_count: int
    n_blocks: int
    size_bytes: int
    expires_at: datetime | None


_RECORD = StructColumns(RecordingRecord, recording)
_PAGE = Prepared(
    select(*_RECORD.columns)
    .where(
        c.project_id == bindparam("project_id"),
        c.distinct_id == bindparam("distinct_id"),
        c.deleted_at.is_(None),
        tuple_(c.start_at, c.session_id)
        > tuple_(bindparam("at", type_=c.start_at.type), bindparam("after", type_=c.session_id.type)),
    )
    .order_by(c.start_at, c.session_id)
    .limit(bindparam("limit", type_=Integer))
)


async def recordings_about(
    db: Db, project_id: int, distinct_ids: Sequence[str]
) -> AsyncIterator[list[RecordingRecord]]:
    """Yield the recordings of these distinct ids, page by page, the oldest of each first (ix_recording_person)."""
    for distinct_id in distinct_ids:
        place: dict[str, Any] = {"at": datetime(1, 1, 1, tzinfo=UTC), "after": ""}
        while rows := await db.rows(
            _PAGE, project_id=project_id, distinct_id=distinct_id, limit=PAGE, **place
        ):
            page = [_RECORD(row) for row in rows]
            yield page
            place = {"at": page[-1].start_at, "after": page[-1].session_id}
