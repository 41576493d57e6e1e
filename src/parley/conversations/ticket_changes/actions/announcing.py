"""Whatever changes a ticket says so here, in its transaction, and all that follows is done (docs/changes.md)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from parley.accounts.activity_log.actions import record_all
from parley.accounts.activity_log.schemas import Entry
from parley.conversations.change_feed.actions.noting import note
from parley.conversations.change_feed.schemas import Noted
from parley.conversations.ticket_changes.actions.counters import Moves, count_moves
from parley.conversations.ticket_changes.queries import CHANGE_LASTS_S, change_key, unread_key
from parley.conversations.ticket_changes.rules.changes import TicketChange
from parley.conversations.ticket_changes.rules.events import DomainEvent
from parley.conversations.ticket_changes.rules.kinds import StreamType
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import emit, emit_all
from parley.kernel.redis.cache import Cache
from parley.kernel.services import Services
from parley.people.events.actions import InternalEvent, store_internal_events


async def announce(db: Db, services: Services, *changes: TicketChange) -> None:
    """Do all that follows from changes of tickets, whose own rows are written already and locked.

    However many tickets there are, each step takes one statement or two. The counters come last: their row is locked
    until the transaction ends, and everybody in the project who moves a ticket waits for it.
    """
    entries: list[Entry] = []
    events: list[DomainEvent] = []
    for change in changes:
        entries += change.log
        events += change.events
    if entries:
        await record_all(db, entries)
    for change in changes:
        about = {"ticket_id": str(change.ticket_id)}
        if change.is_first_message:
            await emit(db, "ticket.first_message_received", about, project_id=change.project_id)
        for name, more in change.emits:
            await emit(db, name, {**about, **more}, project_id=change.project_id)
        if change.is_answer:
            about["comment_id"] = str(change.message_id)
            await emit(db, "ticket.answered", about, project_id=change.project_id)
    changed = [(one.project_id, {"ticket_id": str(one.ticket_id)}) for one in changes if one.changes_answers]
    if changed:
        await emit_all(db, "ticket.answers_changed", changed)
    if events:
        await _store_events(db, events)
    await _count(db, changes)
    _publish(db, services, changes)


async def _store_events(db: Db, events: Sequence[DomainEvent]) -> None:
    """Store events, and have them sent to where the projects have webhooks; two statements at most."""
    stored = [
        InternalEvent(
            project_id=event.project_id,
            id=new_uuid(),
            event=event.name,
            distinct_id=event.distinct_id,
            properties=event.properties,
            timestamp=event.at,
        )
        for event in events
    ]
    await store_internal_events(db, stored)
    sent = [
        (one.project_id, _payload(one))
        for one, event in zip(stored, events, strict=True)
        if event.has_webhooks
    ]
    if sent:
        await emit_all(db, "project.event_captured", sent)


def _payload(event: InternalEvent) -> dict[str, Any]:
    return {
        "event": event.event,
        "distinct_id": event.distinct_id,
        "properties": event.properties,
        "timestamp": event.timestamp.isoformat().replace("+00:00", "Z"),
        "uuid": str(event.id),
    }


async def _count(db: Db, changes: Iterable[TicketChange]) -> None:
    """Count the tickets under their new statuses. The projects come in one order in every process."""
    moves: dict[int, Moves] = {}
    for change in changes:
        move = (change.moves_from, change.moves_to)
        if move[0] != move[1]:
            of_project = moves.setdefault(change.project_id, {})
            of_project[move] = of_project.get(move, 0) + 1
    for project_id, of_project in sorted(moves.items()):
        await count_moves(db, project_id, of_project)


def _publish(db: Db, services: Services, changes: Iterable[TicketChange]) -> None:
    """Have unread messages counted anew, and tell open pages and the change feed, which the stream of the API reads."""
    now, unread = services.clock.now(), set()
    for change in changes:
        if change.changes_unread and change.project_id not in unread:
            unread.add(change.project_id)
            db.after_commit(partial(services.cache.delete, unread_key(change.project_id)))
        published = None
        for kind in change.kinds:
            if kind.stream is not None and kind.stream is not published:
                published = kind.stream
                _publish_one(db, services, change, published, now)


def _publish_one(db: Db, services: Services, change: TicketChange, stream: StreamType, now: datetime) -> None:
    project_id, ticket_id, number = change.project_id, change.ticket_id, change.number
    about: dict[str, Any] = {"ticket_id": str(ticket_id), "number": number}
    message_id = change.message_id if stream.is_of_message else None
    if message_id is not None:
        about["message_id"] = str(message_id)
    note(db, Noted(project_id, stream.name, ticket_id, number, message_id, now))
    db.before_commit(_count_anew, (services.cache, project_id))
    db.after_commit(partial(services.live.publish, f"project:{project_id}", stream.name, **about))


async def _count_anew(db: Db, changed: Sequence[tuple[Cache, int]]) -> None:
    """Have the counts of lists forgotten, once for all changes of the transaction."""
    for cache, project_id in dict.fromkeys(changed):
        db.after_commit(partial(cache.set, change_key(project_id), new_uuid().hex.encode(), CHANGE_LASTS_S))
