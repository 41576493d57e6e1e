"""A merge is undone: the source becomes a ticket of its own again (docs/merging.md)."""

from collections.abc import Sequence

import msgspec

from parley.accounts.access_levels.queries.levels import level_of
from parley.accounts.access_levels.rules import check_authorized
from parley.conversations.merging.actions.merging import TURN
from parley.conversations.merging.actions.tickets import authorised_ticket, store_changed
from parley.conversations.merging.queries.merges import active_merges, public_messages
from parley.conversations.merging.queries.tickets import TicketState, locked_is_live, mergeable_tickets
from parley.conversations.merging.rules.changes import tickets_unmerged
from parley.conversations.merging.rules.merging import MergeableTicket
from parley.conversations.merging.rules.returned_messages import messages_since_merge
from parley.conversations.merging.rules.unmerging import (
    ActiveMerge,
    merge_tree,
    merges_to_undo,
    not_merged,
    path_to_last_target,
    updated_after_unmerging,
    without_merge,
)
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.events import occasion_of
from parley.conversations.tickets.actions.merges import rewrite_merge, show_unmerged_ticket, undo_merge
from parley.conversations.tickets.actions.moves import move_messages_back, recount_messages, show_answers_on
from parley.conversations.tickets.queries.tickets import locked_ticket
from parley.conversations.tickets.rules.fields import reopens_on_reply
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services


async def unmerge_ticket(db: Db, services: Services, actor: Actor, key: str) -> TicketOut:
    """Undo the merge of a source, or the latest merge into a target, and return the source.

    What was written on it or addressed to it goes back. Raises NotFound, PermissionDenied and Invalid.
    """
    await take_turn(db, TURN, actor.project_id)
    found = await authorised_ticket(db, actor, key)
    root_id = found.last_target.id
    root = (await mergeable_tickets(db, actor.project_id, [root_id]))[root_id]
    merges = await active_merges(db, actor.project_id, root.merged_numbers)
    merge = _merge_to_undo(found.state, merges)
    check_authorized(await level_of(db, actor, merge.source_id), "editor")
    # From the source to the last target: so does whoever waits for a ticket that is being merged meanwhile.
    for id in path_to_last_target(merge.source_id, merges):
        is_live = await locked_is_live(db, actor.project_id, id)
    if not is_live:
        raise NotFound  # somebody has deleted the last target at this moment
    await _unmerge(db, services, actor, merge, merges)
    return await ticket_by_key(db, actor, str(merge.source_id))


def _merge_to_undo(named: TicketState, merges: Sequence[ActiveMerge]) -> ActiveMerge:
    if named.is_merged:
        return next(merge for merge in merges if merge.source_id == named.id)
    into_it = [merge for merge in merges if merge.target_id == named.id]
    if not into_it:
        raise not_merged(named.number)
    return max(into_it, key=lambda merge: merge.at)


async def _unmerge(
    db: Db, services: Services, actor: Actor, merge: ActiveMerge, merges: Sequence[ActiveMerge]
) -> None:
    project_id, now = actor.project_id, services.clock.now()
    path = path_to_last_target(merge.source_id, merges)
    root_id = path[-1]
    locked = await locked_ticket(db, project_id, root_id)
    involved = sorted({*path, *(one.source_id for one in merges_to_undo(merge, merges))})
    before = await mergeable_tickets(db, project_id, involved)
    source_ids = sorted(merge_tree(merge.source_id, merges))
    since = messages_since_merge(await public_messages(db, project_id, root_id), source_ids, merge.at)
    after, again = without_merge(merge, merges, before, (since.customer_count, since.team_count))
    if since.customer_count:
        after[merge.source_id] = _waiting(after[merge.source_id], actor)
    source, root = after[merge.source_id], before[root_id]
    await undo_merge(db, project_id, merge.id, now, actor.user_id)
    for one in again:
        await rewrite_merge(db, project_id, one.id, msgspec.to_builtins(one.undo))
    await move_messages_back(db, project_id, root_id, source.id, source_ids)
    await show_answers_on(db, project_id, since.answer_ids, source.id)
    await show_unmerged_ticket(db, project_id, source.id)
    await store_changed(db, project_id, before, after, actor.user_id)
    await recount_messages(db, project_id, source.id, now if since.customer_count else source.updated_at)
    await recount_messages(db, project_id, root_id, updated_after_unmerging(root, merge, now))
    on = occasion_of(actor, now)
    await announce(db, services, *tickets_unmerged(on, locked, root, after[root_id], source))


def _waiting(source: MergeableTicket, actor: Actor) -> MergeableTicket:
    """Return a ticket whose customer has written since the merge: if it were resolved, nobody would see that."""
    reopens = source.status == "resolved" and reopens_on_reply(actor.project.settings)
    return msgspec.structs.replace(source, status="open") if reopens else source
