"""Store captured events, and apply what they ask of persons, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from parley.kernel.database.bulk import InsertMany
from parley.kernel.database.transaction import Db
from parley.people.events.queries import stored_ids
from parley.people.events.rules.events import Captured
from parley.people.events.tables import event
from parley.people.persons.actions.capture import apply_operations

ROWS_AT_ONCE = 1000

_INSERT = InsertMany(
    event,
    ("project_id", "id", "event", "distinct_id", "properties", "timestamp", "created_at"),
    returning="id",
)


async def store(db: Db, project_id: int, events: Sequence[Captured], now: datetime) -> None:
    """Store the events, and let persons follow those that were not stored before.

    Safe to call again with the same events: a client that got no answer sends them again under the same ids.
    """
    once = {captured.id: captured for captured in reversed(events)}
    # Sorted, so that two requests with the same events never wait for each other crosswise.
    ordered = sorted(once.values(), key=lambda captured: captured.id)
    new_ids: set[UUID] = set()
    for start in range(0, len(ordered), ROWS_AT_ONCE):
        new_ids |= await _insert(db, project_id, ordered[start : start + ROWS_AT_ONCE], now)
    fresh = (captured for captured in events if captured.id in new_ids and once[captured.id] is captured)
    await apply_operations(db, project_id, [captured.operation for captured in fresh], now)


async def _insert(db: Db, project_id: int, events: Sequence[Captured], now: datetime) -> set[UUID]:
    """Insert the events and return the ids of those that are new."""
    if db.dialect.name != "sqlite":
        inserted = await _INSERT.run(db, [_row(project_id, captured, now) for captured in events])
        return {row[0] for row in inserted}
    # A writing transaction is alone here, so looking first is as good as asking the INSERT.
    stored = await stored_ids(db, project_id, [captured.id for captured in events])
    new = [captured for captured in events if captured.id not in stored]
    await _INSERT.run(db, [_row(project_id, captured, now) for captured in new])
    return {captured.id for captured in new}


def _row(project_id: int, captured: Captured, now: datetime) -> tuple[object, ...]:
    return (
        project_id,
        captured.id,
        captured.name,
        captured.distinct_id,
        captured.properties,
        captured.timestamp,
        now,
    )
