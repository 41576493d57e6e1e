"""Bulk changes are kept for some minutes, in which whoever made one can undo it."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from msgspec import structs, to_builtins
from sqlalchemy import delete, insert, update

from parley.accounts.memberships.queries import is_member
from parley.accounts.roles.queries import is_role_of
from parley.conversations.bulk_changes.queries import (
    BULK_CHANGE,
    LockedOne,
    bulk_change_of,
    editable_tickets,
    latest_bulk_change,
    locked_tickets,
    own_bulk_change,
)
from parley.conversations.bulk_changes.rules import (
    UNDO_FOR,
    ChangedTicket,
    assignee_before,
    changed_ticket,
    fields_put_back,
    is_as_left,
    may_be_undone,
    tags_put_back,
    tags_to_store,
)
from parley.conversations.bulk_changes.schemas import BulkChange, BulkUndone, SkippedTicket
from parley.conversations.bulk_changes.tables import bulk_change
from parley.conversations.bulk_changes.words import BulkRequest, words_of
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import fields_changed
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.tickets.actions.many import (
    store_assignee_of_many,
    store_priority_of_many,
    store_snooze_of_many,
    store_status,
    store_tags_of_many,
)
from parley.conversations.tickets.rules.assignees import AssigneeIds
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

TOO_LATE = (
    "This can't be undone any more: it was more than 10 minutes ago, or somebody else did it. "
    "The conversations stay as they are."
)
CHANGED_SINCE = "Changed since, deleted, or no edit access"
KEPT_FOR = timedelta(hours=1)
"""Longer than anybody can undo it, so that a page which is loaded anew still says what was done."""


Wanted = TypeVar("Wanted", bound=BulkRequest)
T = TypeVar("T")


async def change_and_keep(
    db: Db,
    services: Services,
    actor: Actor,
    wanted: Wanted,
    change: Callable[[Db, Services, Actor, Wanted], Awaitable[T]],
) -> tuple[T, UUID | None]:
    """Do what a request of the API asks; return its answer and what it is undone by, None where nothing has changed."""
    before = await editable_tickets(db, actor, list(dict.fromkeys(wanted.ids)))
    answer = await change(db, services, actor, wanted)
    done = await _done_to(db, services, actor, words_of(wanted), wanted.ids, before)
    if not done.changed:
        return answer, None
    await _store_change(db, actor, done)
    return answer, done.id


async def keep_bulk_change(
    db: Db,
    services: Services,
    actor: Actor,
    words: str,
    chosen: Sequence[UUID],
    before: Mapping[UUID, LockedOne],
) -> BulkChange:
    """Keep what a bulk change has just done to locked tickets; `before` are those that the caller could change.

    A form that is sent twice changes nothing the second time: then what it did is returned.
    """
    done = await _done_to(db, services, actor, words, chosen, before)
    if not done.changed:
        last = await latest_bulk_change(db, actor)
        if last and _is_same(last, done):
            return last
    await _store_change(db, actor, done)
    return done


async def _done_to(
    db: Db,
    services: Services,
    actor: Actor,
    words: str,
    chosen: Sequence[UUID],
    before: Mapping[UUID, LockedOne],
) -> BulkChange:
    """Compare locked tickets with what they were before."""
    now = await locked_tickets(db, actor.project_id, list(before))
    pairs = [(before[id], now[id]) for id in dict.fromkeys(chosen) if id in now]
    return BulkChange(
        id=new_uuid(),
        words=words,
        chosen=list(dict.fromkeys(chosen)),
        n_skipped=len(set(chosen) - set(before)),
        changed=[
            changed_ticket(was.id, was.number, was.state, one.state)
            for was, one in pairs
            if was.state != one.state
        ],
        created_at=services.clock.now(),
        undone_at=None,
        kept_numbers=[],
    )


async def _store_change(db: Db, actor: Actor, done: BulkChange) -> None:
    values = {name: getattr(done, name) for name in done.__struct_fields__}
    lists = {name: to_builtins(values[name]) for name in ("chosen", "changed")}
    own = {"project_id": actor.project_id, "user_id": actor.user_id}
    await db.execute(insert(bulk_change).values(**{**values, **lists, **own}))


def _is_same(last: BulkChange, again: BulkChange) -> bool:
    is_asked_so = (last.words, last.chosen) == (again.words, again.chosen)
    return is_asked_so and last.undone_at is None and may_be_undone(last.created_at, again.created_at)


async def undo_bulk_change(db: Db, services: Services, actor: Actor, id: UUID) -> BulkChange:
    """Put back what a bulk change of the caller changed, on tickets that nobody has changed since; safe to run twice.

    Raises NotFound for one of somebody else, and for one that is too old.
    """
    now = services.clock.now()
    c = bulk_change.c
    mine = (c.project_id == actor.project_id, c.user_id == actor.user_id, c.id == id)
    young = (c.undone_at.is_(None), c.created_at >= now - UNDO_FOR)
    claim = update(bulk_change).where(*mine, *young).values(undone_at=now).returning(*BULK_CHANGE.columns)
    row = (await db.execute(claim)).first()
    if row is None:
        found = await own_bulk_change(db, actor, id)
        if found is None or found.undone_at is None:
            raise NotFound(TOO_LATE)
        return found
    done = bulk_change_of(row)
    back = await _put_back(db, services, actor, done)
    numbers = [one.number for one in done.changed if one.id not in back]
    if numbers:
        await db.execute(update(bulk_change).where(*mine).values(kept_numbers=numbers))
    return structs.replace(done, kept_numbers=numbers)


def undone(done: BulkChange) -> BulkUndone:
    """Say which tickets undoing a bulk change has put back."""
    kept = set(done.kept_numbers)
    return BulkUndone(
        id=done.id,
        updated=[one.id for one in done.changed if one.number not in kept],
        skipped=[SkippedTicket(one.id, CHANGED_SINCE) for one in done.changed if one.number in kept],
    )


async def _put_back(db: Db, services: Services, actor: Actor, done: BulkChange) -> set[UUID]:
    """Give tickets the state that they had; return which ones."""
    if not done.changed:
        return set()
    locked = await editable_tickets(db, actor, [one.id for one in done.changed])
    left = [
        one for one in done.changed if is_as_left(one, locked[one.id].state if one.id in locked else None)
    ]
    back = await _with_known_assignees(db, actor, left)
    now = services.clock.now()
    await _store(db, actor.project_id, back, now, locked)
    on = occasion_of(actor, now)
    await announce(
        db,
        services,
        *(fields_changed(on, locked[one.id], fields_put_back(one), tags_put_back(one)) for one in back),
    )
    return {one.id for one in back}


async def _store(
    db: Db,
    project_id: int,
    back: Sequence[ChangedTicket],
    now: datetime,
    locked: Mapping[UUID, LockedOne],
) -> None:
    """Write what was before: one statement for all tickets that get the same."""
    ids: defaultdict[tuple[Any, ...], list[UUID]] = defaultdict(list)
    for one in back:
        fields, before = fields_put_back(one), one.before
        if "snoozed_until" in fields:
            ids["snooze", before.snoozed_until, before.status].append(one.id)
        elif "status" in fields:
            ids["status", before.status].append(one.id)
        if "priority" in fields:
            ids["priority", before.priority].append(one.id)
        if "assignee_user_id" in fields or "assignee_role_id" in fields:
            ids["assignee", before.assignee_user_id, before.assignee_role_id].append(one.id)
    for (kind, *to), these in ids.items():
        if kind == "snooze":
            await store_snooze_of_many(db, project_id, {to[1]: these}, to[0], now)
        elif kind == "status":
            await store_status(db, project_id, these, to[0], now)
        elif kind == "priority":
            await store_priority_of_many(db, project_id, these, to[0], now)
        else:
            await store_assignee_of_many(db, project_id, these, AssigneeIds(*to), now)
    retagged = {one.id: tags for one in back if (tags := tags_put_back(one))}
    if retagged:
        present = {id: locked[id].state.tags for id in retagged}
        await store_tags_of_many(db, project_id, tags_to_store(retagged, present), now)


async def _with_known_assignees(
    db: Db, actor: Actor, changes: Sequence[ChangedTicket]
) -> list[ChangedTicket]:
    """Leave out what would go back to somebody who has left the organization meanwhile."""
    whose = {one.id: assignee_before(one) for one in changes}
    gone = {to for to in set(whose.values()) if to and not await _is_still_there(db, actor, to)}
    return [one for one in changes if whose[one.id] not in gone]


async def _is_still_there(db: Db, actor: Actor, to: AssigneeIds) -> bool:
    organization_id = actor.project.organization_id
    if to.user_id is not None:
        return await is_member(db, organization_id, to.user_id)
    return to.role_id is None or await is_role_of(db, organization_id, to.role_id)


async def forget_old_bulk_changes(db: Db, now: datetime) -> int:
    """Delete bulk changes that can't be undone any more (ix_bulk_change_created_at); returns how many."""
    c = bulk_change.c
    found = await db.execute(delete(bulk_change).where(c.created_at < now - KEPT_FOR))
    return found.rowcount
