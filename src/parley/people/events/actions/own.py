"""Events that Parley itself captures: what happens to conversations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from parley.kernel.database.bulk import InsertMany
from parley.kernel.database.transaction import Db
from parley.people.events.tables import event


class OwnEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that nobody sent; it asks nothing of persons."""

    project_id: int
    id: UUID
    event: str
    distinct_id: str
    properties: Mapping[str, Any]
    timestamp: datetime


_INSERT = InsertMany(
    event, ("project_id", "id", "event", "distinct_id", "properties", "timestamp", "created_at")
)


async def store_own(db: Db, events: Sequence[OwnEvent]) -> None:
    """Store events in one statement, in the transaction of what they tell of."""
    await _INSERT.run(db, [_row(one) for one in events])


def _row(one: OwnEvent) -> tuple[Any, ...]:
    properties = msgspec.json.encode(one.properties).decode()
    return (one.project_id, one.id, one.event, one.distinct_id, properties, one.timestamp, one.timestamp)
