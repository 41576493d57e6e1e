"""Tickets of a data subject that are merged with others' are un-merged, so that each has its own messages again."""

from collections.abc import Collection
from uuid import UUID

from parley.conversations.deletion.actions import delete_ticket, restore_ticket
from parley.conversations.merging.actions.unmerging import unmerge_ticket
from parley.conversations.merging.queries.tickets import TicketState, ticket_state
from parley.conversations.personal_data.queries.stored import stored_merges
from parley.conversations.tickets.queries.merged_ticket import merged_ticket
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services


async def unmerge_from_others(db: Db, services: Services, actor: Actor, own: Collection[UUID]) -> None:
    """Undo the merges between these tickets and others, in both directions. What was deleted together stays deleted.

    Where that was so long ago that it is about to be removed for good, it stays merged.
    """
    for one in reversed(await stored_merges(db, actor.project_id, own)):
        if one.undone_at is None and (one.merged_id in own) != (one.survivor_id in own):
            merged = await merged_ticket(db.rows, actor.project_id, one.merged_id)
            root = await ticket_state(db, actor.project_id, merged.last_target_id) if merged else None
            if root is not None:
                await _unmerge(db, services, actor, one.merged_id, root)


async def _unmerge(db: Db, services: Services, actor: Actor, merged_id: UUID, root: TicketState) -> None:
    if root.is_live:
        await unmerge_ticket(db, services, actor, str(merged_id))
        return
    try:
        await restore_ticket(db, services, actor, str(root.id))
    except NotFound:
        return  # it is due to be removed for good, with all that is merged into it
    await unmerge_ticket(db, services, actor, str(merged_id))
    for id in (root.id, merged_id):
        await delete_ticket(db, services, actor, str(id))
