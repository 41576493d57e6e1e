"""The backlog is counted."""

from datetime import datetime

from parley.conversations.backlog_counts.queries import backlogs_of_projects, counted_projects
from parley.conversations.backlog_counts.rules import DISTINCT_ID, EVENT, hour_of
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.people.events.actions import InternalEvent, store_internal_events


async def count_backlogs(db: Db, now: datetime) -> int:
    """Store for each project how many of its tickets are unresolved; return how many projects that were.

    Safe to run twice: a project is counted once an hour. One without unresolved tickets has no event.
    """
    hour, found = hour_of(now), await backlogs_of_projects(db, now)
    done = await counted_projects(db, found, hour)
    new = [
        InternalEvent(
            project_id=project_id,
            id=new_uuid(),
            event=EVENT,
            distinct_id=DISTINCT_ID,
            properties=counts,
            timestamp=hour,
        )
        for project_id, counts in found.items()
        if project_id not in done
    ]
    await store_internal_events(db, new)
    return len(new)
