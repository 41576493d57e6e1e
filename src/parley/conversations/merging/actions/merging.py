"""Two tickets become one, and two again (docs/merging.md)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, false, insert, null, true, update

from parley.accounts.access_levels.queries import level_of, shape_of
from parley.accounts.access_levels.rules import check_may
from parley.accounts.activity_log.actions import record_all
from parley.accounts.activity_log.schemas import Change
from parley.conversations.merging.actions.sides import (
    move_messages,
    move_messages_back,
    recount,
    show_answers,
    store_sides,
)
from parley.conversations.merging.queries.merging import (
    Place,
    edges_of,
    latest_merge_into,
    locked_is_live,
    place_of,
    public_messages,
)
from parley.conversations.merging.queries.sides import sides_of
from parley.conversations.merging.rules.merging import (
    Edge,
    Side,
    already_merged,
    check_not_too_many,
    joined,
    not_merged,
    path_up,
    same_ticket,
    subtree,
    to_replay,
    unknown,
    updated_after_parting,
    without,
)
from parley.conversations.merging.rules.unmerging import belonging_to
from parley.conversations.tickets.actions.happenings import record
from parley.conversations.tickets.actions.history import (
    SCOPE,
    Activity,
    By,
    Subject,
    changed,
    entry,
)
from parley.conversations.tickets.actions.ledger import count_change
from parley.conversations.tickets.actions.messages import THIS_TICKET
from parley.conversations.tickets.actions.notices import forget_unread_count, tell
from parley.conversations.tickets.queries.merged import merged_ticket
from parley.conversations.tickets.queries.tickets import locked_ticket, ticket_by_key
from parley.conversations.tickets.rules import (
    happenings,
    id_or_number,
    reopens_on_reply,
    time_of_message,
)
from parley.conversations.tickets.rules.happenings import Scene, facts_of
from parley.conversations.tickets.schemas import TicketOut
from parley.conversations.tickets.tables import ticket, ticket_merge
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.dependencies import Services
from parley.kernel.ids import new_uuid

TURN = 0x6D65
"""The kind of turn that merging takes: in a project one after the other, since each looks at what others change."""


class Found(msgspec.Struct, frozen=True):
    """A ticket that a request names, and the live one that it is, or is part of."""

    place: Place
    root: Place


async def merge_ticket(db: Db, services: Services, actor: Actor, key: str, into: str | int) -> TicketOut:
    """Merge a ticket into another one and return that; safe to repeat.

    Raises NotFound, PermissionDenied and Invalid.
    """
    await take_turn(db, TURN, actor.project_id)
    one = await _reached(db, actor, key)
    try:
        other = await _reached(db, actor, str(into))
    except NotFound as error:
        raise unknown() from error
    if one.place.id in (other.place.id, other.root.id):
        raise same_ticket()
    if one.place.is_merged:
        if one.root != other.root:
            raise already_merged(one.place.number, one.root.number)
    else:
        # In the order in which everybody locks several tickets.
        ids = sorted((one.place.id, other.root.id))
        if [id for id in ids if not await locked_is_live(db, actor.project_id, id)]:
            raise NotFound  # somebody has deleted it at this moment
        await _merge(db, services, actor, one.place.id, other.root.id)
    return await ticket_by_key(db, actor, str(other.root.id))


async def _reached(db: Db, actor: Actor, key: str) -> Found:
    """Return a ticket that the caller may change; raises NotFound and PermissionDenied."""
    shape_of(actor)
    found = await _found(db, actor.project_id, key)
    if found is None:
        raise NotFound
    for place in {found.root, found.place}:
        check_may(await level_of(db, actor, place.id), "editor")
    return found


async def _found(db: Db, project_id: int, key: str) -> Found | None:
    place = await place_of(db, project_id, id_or_number(key))
    if place is None or place.is_live:
        return Found(place, place) if place else None
    merged = await merged_ticket(db.rows, project_id, place.id) if place.is_merged else None
    root = await place_of(db, project_id, merged.survivor_id) if merged else None
    return Found(place, root) if root and root.is_live else None


_MERGE = Prepared(
    insert(ticket_merge).values(
        {
            name: bindparam(name, type_=ticket_merge.c[name].type)
            for name in ("project_id", "id", "merged_id", "survivor_id", "before", "merged_at", "merged_by")
        }
    )
)
_LEAVE = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values(
        is_merged=true(),
        has_been_merged=true(),
        deleted_at=bindparam("at", type_=ticket.c.deleted_at.type),
    )
)


async def _merge(db: Db, services: Services, actor: Actor, merged_id: UUID, survivor_id: UUID) -> None:
    project_id, now, ids = actor.project_id, services.clock.now(), [merged_id, survivor_id]
    sides = await sides_of(db, project_id, ids)
    merged, survivor = sides[merged_id], sides[survivor_id]
    check_not_too_many(survivor, merged)
    on = await locked_ticket(db, project_id, survivor_id)
    # Later than every merge and message before it, whatever the clocks of several servers say: undoing goes by this order,
    # and visitors of the merged ticket hear what is said from here on.
    before_it = (await latest_merge_into(db, project_id, ids), on.last_message_at)
    at = time_of_message(now, max(filter(None, before_it), default=None))
    merge_id = new_uuid()
    after, before = joined(survivor, merged, merge_id, at)
    await db.rows(
        _MERGE,
        project_id=project_id,
        id=merge_id,
        merged_id=merged_id,
        survivor_id=survivor_id,
        before=msgspec.to_builtins(before),
        merged_at=at,
        merged_by=actor.user_id,
    )
    await move_messages(db, project_id, merged_id, survivor_id)
    await db.rows(_LEAVE, project_id=project_id, ticket_id=merged_id, at=at)
    await store_sides(db, project_id, {survivor_id: survivor}, {survivor_id: after}, actor.user_id)
    await recount(db, project_id, survivor_id, at)
    await count_change(db, project_id, merged.status, None)
    await count_change(db, project_id, survivor.status, after.status)
    scene = Scene(actor.project, facts_of(on), now, actor.principal)
    await _write_down(db, scene, "merged", survivor, after, merged)
    tell(db, services, project_id, "ticket.deleted", ticket_id=merged.id, number=merged.number)
    tell(db, services, project_id, "ticket.changed", ticket_id=survivor.id, number=survivor.number)
    forget_unread_count(db, services, project_id)


async def unmerge_ticket(db: Db, services: Services, actor: Actor, key: str) -> TicketOut:
    """Take a merged ticket out of the one that it is merged into, or the latest out of a survivor, and return it.

    What was written on it or addressed to it goes back. Raises NotFound, PermissionDenied and Invalid.
    """
    await take_turn(db, TURN, actor.project_id)
    found = await _reached(db, actor, key)
    root = (await sides_of(db, actor.project_id, [found.root.id]))[found.root.id]
    edges = await edges_of(db, actor.project_id, root.merged_numbers)
    edge = _edge(found.place, edges)
    check_may(await level_of(db, actor, edge.merged_id), "editor")
    # From the merged one to the survivor: so does whoever waits for a ticket that is being merged meanwhile.
    for id in path_up(edge.merged_id, edges):
        is_live = await locked_is_live(db, actor.project_id, id)
    if not is_live:
        raise NotFound  # somebody has deleted the survivor at this moment
    await _unmerge(db, services, actor, edge, edges)
    return await ticket_by_key(db, actor, str(edge.merged_id))


_UNDO = Prepared(
    update(ticket_merge)
    .where(
        ticket_merge.c.project_id == bindparam("project_id"),
        ticket_merge.c.id == bindparam("merge_id"),
    )
    .values(
        undone_at=bindparam("at", type_=ticket_merge.c.undone_at.type),
        undone_by=bindparam("by", type_=ticket_merge.c.undone_by.type),
    )
)
_AGAIN = Prepared(
    update(ticket_merge)
    .where(
        ticket_merge.c.project_id == bindparam("project_id"),
        ticket_merge.c.id == bindparam("merge_id"),
    )
    .values(before=bindparam("before", type_=ticket_merge.c.before.type))
)
_COME_BACK = Prepared(update(ticket).where(*THIS_TICKET).values(is_merged=false(), deleted_at=null()))


async def _unmerge(db: Db, services: Services, actor: Actor, edge: Edge, edges: Sequence[Edge]) -> None:
    project_id, now, root_id = actor.project_id, services.clock.now(), path_up(edge.merged_id, edges)[-1]
    on = await locked_ticket(db, project_id, root_id)
    sides = await sides_of(db, project_id, _involved(edge, edges))
    homes = sorted(subtree(edge.merged_id, edges))
    theirs = belonging_to(await public_messages(db, project_id, root_id), homes, edge.at)
    after, again = without(edge, edges, sides, (theirs.customer_count, theirs.team_count))
    if theirs.customer_count:
        after[edge.merged_id] = _waiting(after[edge.merged_id], actor)
    parted, root = after[edge.merged_id], sides[root_id]
    await db.rows(_UNDO, project_id=project_id, merge_id=edge.id, at=now, by=actor.user_id)
    for one in again:
        await db.rows(_AGAIN, project_id=project_id, merge_id=one.id, before=msgspec.to_builtins(one.before))
    await move_messages_back(db, project_id, root_id, parted.id, homes)
    await show_answers(db, project_id, theirs.answer_ids, parted.id)
    await db.rows(_COME_BACK, project_id=project_id, ticket_id=parted.id)
    await store_sides(db, project_id, sides, after, actor.user_id)
    await recount(db, project_id, parted.id, now if theirs.customer_count else parted.updated_at)
    await recount(db, project_id, root_id, updated_after_parting(root, edge, now))
    await count_change(db, project_id, None, parted.status)
    await count_change(db, project_id, root.status, after[root_id].status)
    scene = Scene(actor.project, facts_of(on), now, actor.principal)
    await _write_down(db, scene, "unmerged", root, after[root_id], parted)
    for one_of in (parted, root):
        tell(db, services, project_id, "ticket.changed", ticket_id=one_of.id, number=one_of.number)
    forget_unread_count(db, services, project_id)


def _waiting(parted: Side, actor: Actor) -> Side:
    """Return a ticket whose customer has written since the merge: resolved, it would be seen by nobody."""
    reopens = parted.status == "resolved" and reopens_on_reply(actor.project.settings)
    return msgspec.structs.replace(parted, status="open") if reopens else parted


def _edge(place: Place, edges: Sequence[Edge]) -> Edge:
    if place.is_merged:
        return next(edge for edge in edges if edge.merged_id == place.id)
    into = [edge for edge in edges if edge.survivor_id == place.id]
    if not into:
        raise not_merged(place.number)
    return max(into, key=lambda edge: edge.at)


def _involved(edge: Edge, edges: Sequence[Edge]) -> list[UUID]:
    replayed = to_replay(edge, edges)
    return sorted({*path_up(edge.merged_id, edges), *(one.merged_id for one in replayed)})


async def _write_down(
    db: Db, scene: Scene, activity: Activity, before: Side, after: Side, other: Side
) -> None:
    """Have the log of both tickets and the project's events tell of it."""
    is_merged = activity == "merged"
    here, there = _named(before), _named(other)
    project_id, by, at = scene.project.id, By(scene.by.user_id if scene.by else None), scene.at
    of_survivor = [
        _come_or_gone("merged_ticket", there, is_gone=not is_merged),
        *(_come_or_gone("tag", name, is_gone=False) for name in after.tags if name not in before.tags),
        *(_come_or_gone("tag", name, is_gone=True) for name in before.tags if name not in after.tags),
    ]
    if before.status != after.status:
        of_survivor.append(changed("status", before.status, after.status))
    of_other = changed("merged_into", None if is_merged else here, here if is_merged else None)
    survivor, merged = (Subject(project_id, one.id, one.number) for one in (before, other))
    await record_all(
        db,
        [entry(survivor, activity, of_survivor, by, at), entry(merged, activity, [of_other], by, at)],
    )
    name = happenings.MERGED if is_merged else happenings.UNMERGED
    moved = [happenings.status_changed(scene, after.status)] if before.status != after.status else []
    await record(db, [happenings.about_both(scene, name, other.id, other.number), *moved])


def _named(side: Side) -> dict[str, Any]:
    return {"id": str(side.id), "ticket_number": side.number}


def _come_or_gone(field: str, what: Any, *, is_gone: bool) -> Change:
    if is_gone:
        return Change(SCOPE, "deleted", field, what, None)
    return Change(SCOPE, "created", field, None, what)
