"""The tickets that a request to merge names, and what has become of them."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from parley.accounts.access_levels.queries.levels import level_of
from parley.accounts.access_levels.queries.visibility import check_sees_any_ticket
from parley.accounts.access_levels.rules import check_authorized
from parley.conversations.merging.queries.tickets import TicketState, ticket_state
from parley.conversations.merging.rules.merging import MergeableTicket
from parley.conversations.participants.actions import exchange_participants
from parley.conversations.participants.rules import addresses_in_order
from parley.conversations.tickets.actions.merges import (
    MergeableColumns,
    store_mergeable_columns,
    store_tags,
)
from parley.conversations.tickets.queries.merged_ticket import merged_ticket
from parley.conversations.tickets.rules.ids import id_or_number
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor


class NamedTicket(msgspec.Struct, frozen=True):
    """A ticket that a request names, and its last target: the live one that it is, or is part of."""

    state: TicketState
    last_target: TicketState


async def authorised_ticket(db: Db, actor: Actor, key: str) -> NamedTicket:
    """Return a ticket that the caller may change; raises NotFound and PermissionDenied."""
    check_sees_any_ticket(actor)
    found = await _named_ticket(db, actor.project_id, key)
    if found is None:
        raise NotFound
    for state in {found.last_target, found.state}:
        check_authorized(await level_of(db, actor, state.id), "editor")
    return found


async def _named_ticket(db: Db, project_id: int, key: str) -> NamedTicket | None:
    state = await ticket_state(db, project_id, id_or_number(key))
    if state is None or state.is_live:
        return NamedTicket(state, state) if state else None
    merged = await merged_ticket(db.rows, project_id, state.id) if state.is_merged else None
    last_target = await ticket_state(db, project_id, merged.last_target_id) if merged else None
    return NamedTicket(state, last_target) if last_target and last_target.is_live else None


async def store_changed(
    db: Db,
    project_id: int,
    before: Mapping[UUID, MergeableTicket],
    after: Mapping[UUID, MergeableTicket],
    user_id: int,
) -> None:
    """Write what has become of tickets; those that are as before are left alone."""
    for id, now in after.items():
        if now != before[id]:
            await store_tags(db, project_id, id, before[id].tags, now.tags)
            await exchange_participants(
                db, project_id, id, before[id].participants, now.participants, user_id=user_id
            )
            columns = MergeableColumns(
                status=now.status,
                unread_team_count=now.unread_team_count,
                unread_customer_count=now.unread_customer_count,
                merged_numbers=now.merged_numbers,
                cc_participants=addresses_in_order(now.participants),
            )
            await store_mergeable_columns(db, project_id, id, columns)
