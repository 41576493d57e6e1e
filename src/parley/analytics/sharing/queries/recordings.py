"""A recording as those see it who have a link to it."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, and_, or_, select

from parley.analytics.recordings.queries.recordings import recording_by_id
from parley.analytics.recordings.queries.shown import public_recording
from parley.analytics.recordings.tables import recording
from parley.analytics.sharing.tables import sharing_configuration
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound


async def shared_recording(db: Db, project_id: int, session_id: str, now: datetime) -> dict[str, Any] | None:
    """Return what everybody with a link may know; None once it is deleted or over, its id alone before it has arrived."""
    try:
        found = await recording_by_id(db, project_id, session_id, now)
    except NotFound:
        is_gone = await _is_kept_as_gone(db, project_id, session_id)
        return None if is_gone else {"id": session_id}
    public: dict[str, Any] = msgspec.to_builtins(public_recording(found))
    return public


async def _is_kept_as_gone(db: Db, project_id: int, session_id: str) -> bool:
    """Say whether there is a row of it, although it can't be read any more (primary key)."""
    mine = (recording.c.project_id == project_id, recording.c.session_id == session_id)
    return (await db.execute(select(recording.c.session_id).where(*mine))).first() is not None


def shares_of_gone_recordings(now: datetime, limit: int) -> Select[Any]:
    """Select the ids of shares whose recording was deleted or is over; looks at all shares (primary key of recordings)."""
    theirs = and_(
        recording.c.project_id == sharing_configuration.c.project_id,
        recording.c.session_id == sharing_configuration.c.target_id,
    )
    is_gone = or_(recording.c.deleted_at.is_not(None), recording.c.expires_at <= now)
    gone = select(sharing_configuration.c.id).join(recording, theirs)
    return gone.where(sharing_configuration.c.target_type == "recording", is_gone).limit(limit)
