"""One ticket is merged into another one (docs/merging.md)."""

from uuid import UUID

import msgspec

from parley.conversations.merging.actions.tickets import authorised_ticket, store_changed
from parley.conversations.merging.queries.merges import latest_merge_into
from parley.conversations.merging.queries.tickets import locked_is_live, mergeable_tickets
from parley.conversations.merging.rules.changes import tickets_merged
from parley.conversations.merging.rules.merging import (
    already_merged,
    check_not_too_many,
    merged,
    no_such_target,
    same_ticket,
)
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.tickets.actions.merges import MergeRow, hide_merged_ticket, insert_merge
from parley.conversations.tickets.actions.moves import move_messages, recount_messages
from parley.conversations.tickets.queries.tickets import locked_ticket
from parley.conversations.tickets.rules.comments import time_of_message
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

TURN = 0x6D65
"""The kind of turn that merging takes: in a project one after the other, since each looks at what others change."""


async def merge_ticket(db: Db, services: Services, actor: Actor, key: str, into: str | int) -> TicketOut:
    """Merge a ticket into another one and return that; safe to repeat.

    Raises NotFound, PermissionDenied and Invalid.
    """
    await take_turn(db, TURN, actor.project_id)
    source = await authorised_ticket(db, actor, key)
    try:
        target = await authorised_ticket(db, actor, str(into))
    except NotFound as error:
        raise no_such_target() from error
    if source.state.id in (target.state.id, target.last_target.id):
        raise same_ticket()
    if source.state.is_merged:
        if source.last_target != target.last_target:
            raise already_merged(source.state.number, source.last_target.number)
    else:
        # In the order in which everybody locks several tickets.
        ids = sorted((source.state.id, target.last_target.id))
        if [id for id in ids if not await locked_is_live(db, actor.project_id, id)]:
            raise NotFound  # somebody has deleted it at this moment
        await _merge(db, services, actor, source.state.id, target.last_target.id)
    return await ticket_by_key(db, actor, str(target.last_target.id))


async def _merge(db: Db, services: Services, actor: Actor, source_id: UUID, target_id: UUID) -> None:
    project_id, now, ids = actor.project_id, services.clock.now(), [source_id, target_id]
    tickets = await mergeable_tickets(db, project_id, ids)
    source, target = tickets[source_id], tickets[target_id]
    check_not_too_many(target, source)
    locked = await locked_ticket(db, project_id, target_id)
    # Later than every merge and message before it, whatever the clocks of several servers say: undoing goes by this order,
    # and visitors of the source see what the team writes from here on.
    before_it = (await latest_merge_into(db, project_id, ids), locked.last_message_at)
    at = time_of_message(now, max(filter(None, before_it), default=None))
    merge_id = new_uuid()
    after, undo = merged(target, source, merge_id, at)
    merge = MergeRow(
        project_id=project_id,
        id=merge_id,
        merged_id=source_id,
        survivor_id=target_id,
        before=msgspec.to_builtins(undo),
        merged_at=at,
        merged_by=actor.user_id,
    )
    await insert_merge(db, merge)
    await move_messages(db, project_id, source_id, target_id)
    await hide_merged_ticket(db, project_id, source_id, at)
    await store_changed(db, project_id, {target_id: target}, {target_id: after}, actor.user_id)
    await recount_messages(db, project_id, target_id, at)
    on = occasion_of(actor, now)
    await announce(db, services, *tickets_merged(on, locked, target, after, source))
