"""What the activity log keeps of recordings."""

from datetime import datetime

from parley.accounts.activity_log.actions import record
from parley.accounts.activity_log.schemas import Detail, Entry
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor

SCOPE = "Replay"


async def log_change(db: Db, actor: Actor, session_id: str, activity: str, now: datetime) -> None:
    """Log what the actor has done to a recording."""
    entry = Entry(
        project_id=actor.project_id,
        user_id=actor.user_id,
        activity=activity,
        scope=SCOPE,
        item_id=session_id,
        detail=Detail(name=None),
        created_at=now,
    )
    await record(db, entry)
