"""Deleting events of persons who are deleted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete

from parley.kernel.database.transaction import Db
from parley.people.events.tables import event


async def delete_events(db: Db, project_id: int, distinct_ids: Sequence[str], until: datetime) -> None:
    """Delete the events of the distinct ids that were captured until then; safe to run twice."""
    await db.execute(
        delete(event).where(
            event.c.project_id == project_id,
            event.c.distinct_id.in_(distinct_ids),
            event.c.created_at <= until,
        )
    )
