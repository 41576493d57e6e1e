"""Events of conversations, stored in the transaction of what they tell of."""

from collections.abc import Sequence
from typing import Any

from parley.conversations.tickets.rules.happenings import Happening
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import emit_all
from parley.people.events.actions import InternalEvent, store_internal_events


async def record(db: Db, happenings: Sequence[Happening]) -> None:
    """Store what happened as events, and have it sent to where the projects have webhooks; two statements at most."""
    if not happenings:
        return
    events = [
        InternalEvent(
            project_id=one.project_id,
            id=new_uuid(),
            event=one.event,
            distinct_id=one.distinct_id,
            properties=one.properties,
            timestamp=one.at,
        )
        for one in happenings
    ]
    await store_internal_events(db, events)
    heard = [
        (event.project_id, _payload(event))
        for event, one in zip(events, happenings, strict=True)
        if one.is_heard
    ]
    if heard:
        await emit_all(db, "project.event_captured", heard)


def _payload(event: InternalEvent) -> dict[str, Any]:
    return {
        "event": event.event,
        "distinct_id": event.distinct_id,
        "properties": event.properties,
        "timestamp": event.timestamp.isoformat().replace("+00:00", "Z"),
        "uuid": str(event.id),
    }
