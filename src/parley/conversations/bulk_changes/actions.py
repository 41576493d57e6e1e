"""Changes of many tickets at once: a handful of statements, however many tickets there are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from parley.conversations.bulk_changes.queries import LockedOne, editable_tickets, tags_of_tickets
from parley.conversations.bulk_changes.rules import checked_bulk_tags, tags_after
from parley.conversations.bulk_changes.schemas import (
    BulkAssignee,
    BulkChangeOut,
    BulkPriority,
    BulkSnooze,
    BulkStatus,
    BulkStatusOut,
    BulkTags,
    BulkTagsOut,
    SkippedTicket,
    TaggedTicket,
)
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import fields_changed
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.ticket_changes.rules.log import Retagged
from parley.conversations.tickets.actions.assignees import known_assignee
from parley.conversations.tickets.actions.many import (
    store_assignee_of_many,
    store_priority_of_many,
    store_snooze_of_many,
    store_status,
    store_tags_of_many,
)
from parley.conversations.tickets.rules.fields import checked_instant, status_after_snooze
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

SKIPPED = "Not found or no edit access"


async def change_statuses(db: Db, services: Services, actor: Actor, wanted: BulkStatus) -> BulkStatusOut:
    """Give many tickets a status; those that have it, and those that the caller can't change, are passed over."""
    locked = await editable_tickets(db, actor, list(dict.fromkeys(wanted.ids)))
    moved = [one for one in _in_order(wanted.ids, locked) if one.status != wanted.status]
    ids = [one.id for one in moved]
    if moved:
        now = services.clock.now()
        await store_status(db, actor.project_id, ids, wanted.status, now)
        on, after = occasion_of(actor, now), {"status": wanted.status}
        await announce(db, services, *(fields_changed(on, one, after) for one in moved))
    return BulkStatusOut(len(ids), ids)


async def change_priorities(db: Db, services: Services, actor: Actor, wanted: BulkPriority) -> BulkChangeOut:
    """Give many tickets a priority, or none."""
    after = {"priority": wanted.priority}
    locked = await editable_tickets(db, actor, list(dict.fromkeys(wanted.ids)))
    moved = [one for one in _in_order(wanted.ids, locked) if one.priority != wanted.priority]
    ids = [one.id for one in moved]
    if moved:
        now = services.clock.now()
        await store_priority_of_many(db, actor.project_id, ids, wanted.priority, now)
        on = occasion_of(actor, now)
        await announce(db, services, *(fields_changed(on, one, after) for one in moved))
    return _changed(wanted.ids, locked, ids)


async def change_tags(db: Db, services: Services, actor: Actor, wanted: BulkTags) -> BulkTagsOut:
    """Add tags to many tickets, take them away, or set them. Raises Invalid."""
    ids = list(dict.fromkeys(wanted.ids))
    named = checked_bulk_tags(wanted.action, len(ids), wanted.tags)
    locked = await editable_tickets(db, actor, ids)
    present = await tags_of_tickets(db, actor.project_id, list(locked))
    after = {id: tags_after(wanted.action, present.get(id, ()), named) for id in locked}
    retagged = {id: _difference(present.get(id, ()), after[id]) for id in locked}
    touched = {id: tags for id, tags in retagged.items() if tags}
    if touched:
        now = services.clock.now()
        await store_tags_of_many(db, actor.project_id, touched, now)
        on = occasion_of(actor, now)
        changes = (fields_changed(on, locked[id], {}, tags) for id, tags in touched.items())
        await announce(db, services, *changes)
    return BulkTagsOut(
        [TaggedTicket(id, after[id]) for id in ids if id in locked],
        [SkippedTicket(id, SKIPPED) for id in ids if id not in locked],
    )


async def assign_tickets(db: Db, services: Services, actor: Actor, wanted: BulkAssignee) -> BulkChangeOut:
    """Give many tickets to somebody, or to nobody. Raises Invalid for whoever isn't in the organization."""
    to = await known_assignee(db, actor.project, wanted.assignee)
    after = {"assignee_user_id": to.user_id, "assignee_role_id": to.role_id}
    locked = await editable_tickets(db, actor, list(dict.fromkeys(wanted.ids)))
    moved = {one.id: _differing(one, after) for one in _in_order(wanted.ids, locked)}
    moved = {id: changes for id, changes in moved.items() if changes}
    if moved:
        now = services.clock.now()
        await store_assignee_of_many(db, actor.project_id, list(moved), to, now)
        on = occasion_of(actor, now)
        await announce(db, services, *(fields_changed(on, locked[id], it) for id, it in moved.items()))
    return _changed(wanted.ids, locked, list(moved))


async def snooze_tickets(db: Db, services: Services, actor: Actor, wanted: BulkSnooze) -> BulkChangeOut:
    """Snooze many tickets, or wake them up; their status follows as it does for one. Raises Invalid."""
    until = wanted.snoozed_until
    checked_instant(until, "snoozed_until")
    locked = await editable_tickets(db, actor, list(dict.fromkeys(wanted.ids)))
    moved, by_status = {}, defaultdict[str, list[UUID]](list)
    for one in _in_order(wanted.ids, locked):
        status = status_after_snooze(one.status, one.snoozed_until, until)
        if changes := _differing(one, {"snoozed_until": until, "status": status}):
            moved[one.id] = changes
            by_status[status].append(one.id)
    if moved:
        now = services.clock.now()
        await store_snooze_of_many(db, actor.project_id, by_status, until, now)
        on = occasion_of(actor, now)
        await announce(db, services, *(fields_changed(on, locked[id], it) for id, it in moved.items()))
    return _changed(wanted.ids, locked, list(moved))


def _differing(one: LockedOne, after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if getattr(one, name) != value}


def _changed(ids: Sequence[UUID], locked: Mapping[UUID, LockedOne], moved: list[UUID]) -> BulkChangeOut:
    return BulkChangeOut(moved, [SkippedTicket(id, SKIPPED) for id in dict.fromkeys(ids) if id not in locked])


def _in_order(ids: Sequence[UUID], locked: dict[UUID, LockedOne]) -> list[LockedOne]:
    return [locked[id] for id in dict.fromkeys(ids) if id in locked]


def _difference(before: Sequence[str], after: Sequence[str]) -> Retagged:
    return Retagged(
        added=[name for name in after if name not in before],
        removed=[name for name in before if name not in after],
    )
