"""Changes of many tickets at once: a handful of statements, however many tickets there are."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, update

from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import fields_changed
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.ticket_changes.rules.log import Retagged
from parley.conversations.tickets.queries.bulk import LockedOne, editable_tickets, tags_of_tickets
from parley.conversations.tickets.rules.bulk import checked_bulk_tags, tags_after
from parley.conversations.tickets.schemas import (
    BulkStatus,
    BulkStatusOut,
    BulkTags,
    BulkTagsOut,
    SkippedTicket,
    TaggedTicket,
)
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.kernel.database.bulk import InsertMany, is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.dependencies import Services

SKIPPED = "Not found or no edit access"
THESE = (
    ticket.c.project_id == bindparam("project_id"),
    is_one_of(ticket.c.id, listed("ids", ticket.c.id)),
)
_MOVE = Prepared(
    update(ticket)
    .where(*THESE)
    .values(
        status=bindparam("to", type_=ticket.c.status.type),
        updated_at=bindparam("at", type_=ticket.c.updated_at.type),
    )
)
_TOUCH = Prepared(
    update(ticket).where(*THESE).values(updated_at=bindparam("at", type_=ticket.c.updated_at.type))
)
_UNTAG = Prepared(
    delete(ticket_tag).where(
        ticket_tag.c.project_id == bindparam("project_id"),
        is_one_of(ticket_tag.c.ticket_id, listed("ids", ticket_tag.c.ticket_id)),
        is_one_of(ticket_tag.c.name, listed("names", ticket_tag.c.name)),
    )
)
_TAG = InsertMany(ticket_tag, ("project_id", "ticket_id", "name"))


async def change_statuses(db: Db, services: Services, actor: Actor, wanted: BulkStatus) -> BulkStatusOut:
    """Give many tickets a status; those that have it, and those that the caller can't change, are passed over."""
    locked = await editable_tickets(db, actor, list(dict.fromkeys(wanted.ids)))
    moved = [one for one in _in_order(wanted.ids, locked) if one.status != wanted.status]
    ids = [one.id for one in moved]
    if moved:
        now = services.clock.now()
        await db.rows(_MOVE, project_id=actor.project_id, ids=ids, to=wanted.status, at=now)
        on, after = occasion_of(actor, now), {"status": wanted.status}
        await announce(db, services, *(fields_changed(on, one, after) for one in moved))
    return BulkStatusOut(len(ids), ids)


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
        await _store_tags(db, actor.project_id, touched, now)
        on = occasion_of(actor, now)
        changes = (fields_changed(on, locked[id], {}, tags) for id, tags in touched.items())
        await announce(db, services, *changes)
    return BulkTagsOut(
        [TaggedTicket(id, after[id]) for id in ids if id in locked],
        [SkippedTicket(id, SKIPPED) for id in ids if id not in locked],
    )


def _in_order(ids: Sequence[UUID], locked: dict[UUID, LockedOne]) -> list[LockedOne]:
    return [locked[id] for id in dict.fromkeys(ids) if id in locked]


def _difference(before: Sequence[str], after: Sequence[str]) -> Retagged:
    return Retagged(
        added=[name for name in after if name not in before],
        removed=[name for name in before if name not in after],
    )


async def _store_tags(db: Db, project_id: int, touched: dict[UUID, Retagged], now: datetime) -> None:
    # A name that goes from one of the tickets stays on none of them, whatever the action.
    gone = sorted({name for tags in touched.values() for name in tags.removed})
    if gone:
        await db.rows(_UNTAG, project_id=project_id, ids=list(touched), names=gone)
    await _TAG.run(db, [(project_id, id, name) for id, tags in touched.items() for name in tags.added])
    await db.rows(_TOUCH, project_id=project_id, ids=list(touched), at=now)
