"""Which merges are undone to undo one, and what undoing it leaves of each ticket.

A merge is undone by undoing everything that came after it, then itself, then doing the others again. So the outcome is
always that of never having merged, however many tickets are merged into each other and in whatever order they are un-merged.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from parley.conversations.merging.rules.merging import MergeableTicket, UndoData, merged, unmerged
from parley.kernel.errors import Invalid


class ActiveMerge(msgspec.Struct, frozen=True, kw_only=True):
    """A merge that holds: the source is part of the target, which may be merged itself."""

    id: UUID
    source_id: UUID
    target_id: UUID
    at: datetime
    undo: UndoData


def not_merged(number: int) -> Invalid:
    """Return the error for a ticket without anything to undo."""
    return Invalid(f"Nothing is merged with ticket #{number}, so nothing can be undone.", code="not_merged")


def path_to_last_target(start: UUID, merges: Sequence[ActiveMerge]) -> list[UUID]:
    """Return a ticket and those that it is merged into, one after the other, the last target at the end."""
    target_of = {merge.source_id: merge.target_id for merge in merges}
    path = [start]
    while path[-1] in target_of:
        path.append(target_of[path[-1]])
    return path


def merge_tree(root: UUID, merges: Sequence[ActiveMerge]) -> set[UUID]:
    """Return a ticket and all that are merged into it, directly or through others."""
    tree, size = {root}, 0
    while len(tree) > size:
        size = len(tree)
        tree |= {merge.source_id for merge in merges if merge.target_id in tree}
    return tree


def merges_to_undo(merge: ActiveMerge, merges: Sequence[ActiveMerge]) -> list[ActiveMerge]:
    """Return the merges that have to be undone to undo this one, the latest first and this one last."""
    targets = set(path_to_last_target(merge.target_id, merges))
    later = [one for one in merges if one.at > merge.at and one.target_id in targets]
    return [*sorted(later, key=lambda one: one.at, reverse=True), merge]


def without_merge(
    merge: ActiveMerge,
    merges: Sequence[ActiveMerge],
    tickets: Mapping[UUID, MergeableTicket],
    unread_since: tuple[int, int] = (0, 0),
) -> tuple[dict[UUID, MergeableTicket], list[ActiveMerge]]:
    """Return the tickets as they are without one merge, and the merges after it as they are then.

    `unread_since` is how many messages go back that were written since the merge: those of customers and those of the team.
    """
    now, undone = dict(tickets), []
    for one in merges_to_undo(merge, merges):
        target, removed = unmerged(now[one.target_id], now[one.source_id], one.id, one.undo)
        now[target.id] = target
        undone.append((one, removed))
    undone.pop()
    again = []
    for one, removed in reversed(undone):
        target, undo = merged(now[one.target_id], now[one.source_id], one.id, one.at, removed)
        now[target.id] = target
        again.append(replace(one, undo=undo))
    return _with_unread_shared(merge, merges, tickets, now, again, unread_since)


def _with_unread_shared(
    merge: ActiveMerge,
    merges: Sequence[ActiveMerge],
    before: Mapping[UUID, MergeableTicket],
    now: dict[UUID, MergeableTicket],
    again: Sequence[ActiveMerge],
    unread_since: tuple[int, int],
) -> tuple[dict[UUID, MergeableTicket], list[ActiveMerge]]:
    """Give the source as many unread messages as it had or got, if there are so many, and its targets fewer."""
    path = path_to_last_target(merge.target_id, merges)
    root = before[path[-1]]
    team = min(merge.undo.unread_team_count + unread_since[0], root.unread_team_count)
    customer = min(merge.undo.unread_customer_count + unread_since[1], root.unread_customer_count)
    now[merge.source_id] = replace(
        now[merge.source_id], unread_team_count=team, unread_customer_count=customer
    )
    now[root.id] = replace(
        now[root.id],
        unread_team_count=root.unread_team_count - team,
        unread_customer_count=root.unread_customer_count - customer,
    )
    stored = {one.id: one.undo for one in merges}
    return now, [
        _with_unread_less(one, stored[one.id], team, customer)
        if one.source_id in path
        else _with_unread_less(one, stored[one.id], 0, 0)
        for one in again
    ]


def _with_unread_less(merge: ActiveMerge, stored: UndoData, team: int, customer: int) -> ActiveMerge:
    undo = replace(
        merge.undo,
        unread_team_count=max(stored.unread_team_count - team, 0),
        unread_customer_count=max(stored.unread_customer_count - customer, 0),
    )
    return replace(merge, undo=undo)


def updated_after_unmerging(target: MergeableTicket, merge: ActiveMerge, now: datetime) -> datetime:
    """Say when a target changed last, once a merge into it is undone: as before, if nothing happened to it since."""
    is_untouched = merge.target_id == target.id and merge.at == target.updated_at
    return merge.undo.updated_at if is_untouched else now
