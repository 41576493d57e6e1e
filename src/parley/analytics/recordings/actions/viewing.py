"""Somebody has watched a recording."""

from parley.analytics.recordings.tables import recording_view
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def note_view(db: Db, services: Services, project_id: int, session_id: str, user_id: int) -> None:
    """Note that a user has watched a recording that is there; again only moves the time."""
    row = insert_for(db.dialect, recording_view).values(
        project_id=project_id, session_id=session_id, user_id=user_id, viewed_at=services.clock.now()
    )
    key = [recording_view.c.project_id, recording_view.c.session_id, recording_view.c.user_id]
    await db.execute(
        row.on_conflict_do_update(index_elements=key, set_={"viewed_at": row.excluded.viewed_at})
    )
