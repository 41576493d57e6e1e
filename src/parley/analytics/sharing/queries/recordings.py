"""Shares of recordings that are gone."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select

from parley.analytics.recordings.tables import recording
from parley.analytics.sharing.tables import sharing_configuration


def shares_of_gone_recordings(now: datetime, limit: int) -> Select[Any]:
    """Select the ids of shares whose recording was deleted or is over; looks at all shares (primary key of recordings)."""
    theirs = and_(
        recording.c.project_id == sharing_configuration.c.project_id,
        recording.c.session_id == sharing_configuration.c.target_id,
    )
    is_gone = or_(recording.c.deleted_at.is_not(None), recording.c.expires_at <= now)
    gone = select(sharing_configuration.c.id).join(recording, theirs)
    return gone.where(sharing_configuration.c.target_type == "recording", is_gone).limit(limit)
