"""Every change of events: captured ones are stored, and those of persons who are deleted or erased are removed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete

from parley.kernel.database.bulk import InsertMany, is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.text.json_text import read_json
from parley.people.events.queries import ABOUT_TICKETS, events_about, stored_ids
from parley.people.events.rules.events import Captured
from parley.people.events.tables import event
from parley.people.persons.actions.capture import apply_operations
from parley.people.shipments.actions import note, note_erased
from parley.people.shipments.rules import ShipmentKind

ROWS_AT_ONCE = 1000


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """An event to be inserted; `properties` is JSON text."""

    project_id: int
    id: UUID
    event: str
    distinct_id: str
    properties: str
    timestamp: datetime
    created_at: datetime


_INSERT = InsertMany(event, EventRow.__struct_fields__, returning="id")


async def store_captured(db: Db, project_id: int, events: Sequence[Captured], now: datetime) -> None:
    """Store the events, and let persons follow those that were not stored before.

    Safe to call again with the same events: a client that got no answer sends them again under the same ids.
    """
    once = {captured.id: captured for captured in reversed(events)}
    # Sorted, so that two requests with the same events never wait for each other crosswise.
    ordered = sorted(once.values(), key=lambda captured: captured.id)
    new_ids: set[UUID] = set()
    for start in range(0, len(ordered), ROWS_AT_ONCE):
        new_ids |= await _insert(db, project_id, ordered[start : start + ROWS_AT_ONCE], now)
    fresh = [captured for captured in events if captured.id in new_ids and once[captured.id] is captured]
    n_bytes = sum(len(captured.properties) for captured in fresh)
    await note(db, project_id, ShipmentKind.EVENTS, [one.id for one in fresh], now, n_bytes=n_bytes)
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


def _row(project_id: int, captured: Captured, now: datetime) -> tuple[Any, ...]:
    row = EventRow(
        project_id=project_id,
        id=captured.id,
        event=captured.name,
        distinct_id=captured.distinct_id,
        properties=captured.properties,
        timestamp=captured.timestamp,
        created_at=now,
    )
    return msgspec.structs.astuple(row)


class InternalEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that Parley itself captures, such as what happens to a ticket; it asks nothing of persons."""

    project_id: int
    id: UUID
    event: str
    distinct_id: str
    properties: Mapping[str, Any]
    timestamp: datetime


_INSERT_INTERNAL = InsertMany(event, EventRow.__struct_fields__)


async def store_internal_events(db: Db, events: Sequence[InternalEvent]) -> None:
    """Store events in one statement, in the transaction of what has happened."""
    rows = [_internal_row(one) for one in events]
    await _INSERT_INTERNAL.run(db, [msgspec.structs.astuple(row) for row in rows])
    by_project = attrgetter("project_id")
    for project_id, of_project in groupby(sorted(rows, key=by_project), key=by_project):
        await _note_rows(db, project_id, list(of_project))


async def _note_rows(db: Db, project_id: int, rows: Sequence[EventRow]) -> None:
    n_bytes = sum(len(row.properties) for row in rows)
    ids = [row.id for row in rows]
    await note(db, project_id, ShipmentKind.EVENTS, ids, rows[0].created_at, n_bytes=n_bytes)


def _internal_row(one: InternalEvent) -> EventRow:
    return EventRow(
        project_id=one.project_id,
        id=one.id,
        event=one.event,
        distinct_id=one.distinct_id,
        properties=msgspec.json.encode(one.properties).decode(),
        timestamp=one.timestamp,
        created_at=one.timestamp,
    )


async def delete_events(db: Db, project_id: int, distinct_ids: Sequence[str], until: datetime) -> None:
    """Delete the events of the distinct ids that were captured until then; safe to run twice."""
    await db.execute(
        delete(event).where(
            event.c.project_id == project_id,
            event.c.distinct_id.in_(distinct_ids),
            event.c.created_at <= until,
        )
    )
    await note_erased(db, project_id, until, events_of=distinct_ids)


IN_PROJECT = event.c.project_id == bindparam("project_id")
_OF_PERSON = delete(event).where(
    IN_PROJECT, is_one_of(event.c.distinct_id, listed("distinct_ids", event.c.distinct_id))
)
_ABOUT_TICKETS = delete(event).where(IN_PROJECT, *ABOUT_TICKETS)
_THESE = Prepared(delete(event).where(IN_PROJECT, is_one_of(event.c.id, listed("ids", event.c.id))))


async def erase_events(
    db: Db, project_id: int, distinct_ids: Sequence[str], ticket_ids: Sequence[UUID], until: datetime
) -> int:
    """Delete what was captured under the distinct ids and all that happened to the tickets; return how many.

    Served by ix_event_project_id_distinct_id_timestamp_id and ix_event_ticket.
    """
    about = {"project_id": project_id, "ticket_ids": [str(id) for id in ticket_ids]}
    of_person = await db.execute(_OF_PERSON, {"project_id": project_id, "distinct_ids": distinct_ids})
    about_tickets = await db.execute(_ABOUT_TICKETS, about)
    await note_erased(db, project_id, until, events_of=distinct_ids, ticket_ids=ticket_ids)
    return of_person.rowcount + about_tickets.rowcount


async def erase_events_that(
    is_about: Callable[[Any], bool], db: Db, project_id: int, ticket_ids: Sequence[UUID], until: datetime
) -> int:
    """Delete those events of the tickets whose properties are about somebody; return how many (ix_event_ticket)."""
    found = await events_about(db, project_id, ticket_ids)
    gone = [one.id for one in found if is_about(read_json(one.properties))]
    if gone:
        await db.rows(_THESE, project_id=project_id, ids=gone)
        await note_erased(db, project_id, until, event_ids=gone)
    return len(gone)
