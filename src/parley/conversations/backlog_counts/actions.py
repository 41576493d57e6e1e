"""The backlog is counted."""

from datetime import datetime

from parley.conversations.backlog_counts.queries import backlog_of_project, is_counted
from parley.conversations.backlog_counts.rules import DISTINCT_ID, EVENT, hour_of
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.people.events.actions import InternalEvent, store_internal_events


async def count_backlog(db: Db, project_id: int, now: datetime) -> None:
    """Store how many tickets of a project are unresolved.

    Safe to run twice: a project is counted once an hour. One without unresolved tickets has no event.
    """
    hour, counts = hour_of(now), await backlog_of_project(db, project_id, now)
    if not counts["backlog_count"] or await is_counted(db, project_id, hour):
        return
    counted = InternalEvent(
        project_id=project_id,
        id=new_uuid(),
        event=EVENT,
        distinct_id=DISTINCT_ID,
        properties=counts,
        timestamp=hour,
    )
    await store_internal_events(db, [counted])
