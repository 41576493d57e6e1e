"""Store captured events, and apply what they ask of persons, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from parley.events.queries import stored_ids
from parley.events.rules.events import Captured
from parley.events.tables import event
from parley.kernel.db import Db
from parley.kernel.many import InsertMany
from parley.persons.actions.capture import apply_operations

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
    fresh: list[Captured] = []
    for start in range(0, len(events), ROWS_AT_ONCE):
        fresh += await _insert(
            db, project_id, _without_repetitions(events[start : start + ROWS_AT_ONCE]), now
        )
    await apply_operations(db, project_id, [captured.operation for captured in fresh], now)


def _without_repetitions(events: Sequence[Captured]) -> list[Captured]:
    first = {captured.id: captured for captured in reversed(events)}
    return [captured for captured in events if first[captured.id] is captured]


async def _insert(db: Db, project_id: int, events: list[Captured], now: datetime) -> list[Captured]:
    """Insert the events and return those that are new, in the given order."""
    if db.dialect.name == "sqlite":
        # A writing transaction is alone here, so looking first is as good as asking the INSERT.
        stored = await stored_ids(db, project_id, [captured.id for captured in events])
        new = [captured for captured in events if captured.id not in stored]
        await _INSERT.run(db, [_row(project_id, captured, now) for captured in new])
        return new
    # Sorted, so that two requests with the same events never wait for each other crosswise.
    rows = [_row(project_id, captured, now) for captured in sorted(events, key=lambda captured: captured.id)]
    inserted = await _INSERT.run(db, rows)
    if len(inserted) == len(events):
        return events
    new_ids = {row[0] for row in inserted}
    return [captured for captured in events if captured.id in new_ids]


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
