"""Recordings that are kept beyond their time."""

from sqlalchemy import update

from parley.accounts.projects.recording_settings import KEPT, recording_settings_of
from parley.analytics.recordings.actions.log import log_change
from parley.analytics.recordings.queries.recordings import locked_recording
from parley.analytics.recordings.rules.figures import expiry_without_pin
from parley.analytics.recordings.tables import recording
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services


async def pin_recording(db: Db, services: Services, actor: Actor, session_id: str) -> None:
    """Keep a recording until it is unpinned or deleted; raises NotFound. Safe to repeat."""
    now = services.clock.now()
    found = await locked_recording(db, actor.project_id, session_id, now)
    if not found.is_pinned:
        await _store(db, actor.project_id, session_id, is_pinned=True, expires_at=None)
        await log_change(db, actor, session_id, "pinned", now)


async def unpin_recording(db: Db, services: Services, actor: Actor, session_id: str) -> None:
    """Let a recording expire when it would have, in a day at the earliest; raises NotFound. Safe to repeat."""
    now = services.clock.now()
    found = await locked_recording(db, actor.project_id, session_id, now)
    if found.is_pinned:
        settings = recording_settings_of(actor.project.recording_settings)
        kept_for = KEPT[settings.session_recording_retention_period]
        expires_at = expiry_without_pin(found.start_at, kept_for, now)
        await _store(db, actor.project_id, session_id, is_pinned=False, expires_at=expires_at)
        await log_change(db, actor, session_id, "unpinned", now)


async def _store(db: Db, project_id: int, session_id: str, **values: object) -> None:
    this = (recording.c.project_id == project_id, recording.c.session_id == session_id)
    await db.execute(update(recording).where(*this).values(**values))
