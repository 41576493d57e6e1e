"""Threads that a visitor may see: of their own tickets, and of those in which they take part."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import (
    bindparam,
    or_,
    select,
)

from parley.conversations.participants.tables import ticket_participant
from parley.conversations.threads.queries.merge_paths import (
    OWNED,
    MergeStep,
    OwnedTicket,
    addressed_ticket_ids,
    merge_paths,
    targets_closed_to_sessions,
)
from parley.conversations.threads.rules import ThreadVisibility, Visitor, VisitorTicket, is_own
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared, Reads
from parley.kernel.errors import NotFound, PermissionDenied

_VOUCHED_FOR = (
    ticket_participant.c.merge_id.is_(None),
    or_(
        ticket_participant.c.distinct_id == bindparam("distinct_id"),
        ticket_participant.c.email == bindparam("email"),
    ),
)
_PARTICIPANT = Prepared(
    select(ticket_participant.c.id)
    .where(
        ticket_participant.c.project_id == bindparam("project_id"),
        ticket_participant.c.ticket_id == bindparam("ticket_id"),
        *_VOUCHED_FOR,
    )
    .order_by(ticket_participant.c.created_at, ticket_participant.c.id)
    .limit(1)
)


async def participant_id_of(read: Reads, project_id: int, ticket_id: UUID, visitor: Visitor) -> UUID | None:
    """Return as which participant of a ticket the visitor is vouched for; None where they are none.

    Served by ix_ticket_participant_ticket, or by the indexes of addresses and distinct ids.
    """
    if not visitor.is_verified:
        return None
    values = {"distinct_id": visitor.distinct_id, "email": visitor.participant_email}
    found = await read(_PARTICIPANT, project_id=project_id, ticket_id=ticket_id, **values)
    return found[0][0] if found else None


_TAKES_PART = Prepared(
    select(ticket_participant.c.ticket_id).where(
        ticket_participant.c.project_id == bindparam("project_id"),
        is_one_of(ticket_participant.c.ticket_id, listed("tickets", ticket_participant.c.ticket_id)),
        *_VOUCHED_FOR,
    )
)


TICKET = Prepared(
    select(*OWNED, ticket.c.has_been_merged).where(
        ticket.c.project_id == bindparam("project_id"),
        ticket.c.id == bindparam("ticket_id"),
        ticket.c.deleted_at.is_(None),
    )
)


async def visitor_ticket(read: Reads, project_id: int, ticket_id: UUID, visitor: Visitor) -> VisitorTicket:
    """Return one of the visitor's tickets, or one in which they take part, by primary key.

    A merged one is the target if that is theirs, too, and what they see of it otherwise. Raises NotFound, and
    PermissionDenied where it is somebody else's.
    """
    rows = await read(TICKET, project_id=project_id, ticket_id=ticket_id)
    if not rows or rows[0][-1]:  # gone, or part of a merge
        return await merged_thread(read, project_id, ticket_id, visitor)
    found = OwnedTicket(*rows[0][:-1])
    is_requester = is_own(found, visitor)
    if not is_requester and await participant_id_of(read, project_id, ticket_id, visitor) is None:
        raise PermissionDenied("Forbidden")
    return VisitorTicket(
        found.id, found.status, found.unread_customer_count, found.anonymous_traits, is_requester
    )


async def merged_thread(read: Reads, project_id: int, ticket_id: UUID, visitor: Visitor) -> VisitorTicket:
    """Return a thread of which the visitor doesn't see all, or that they don't see where it is."""
    path = (await merge_paths(read, project_id, [ticket_id])).get(ticket_id)
    if not path or not path[-1].is_live:
        raise NotFound("Ticket not found")
    visible = await visible_ids(read, project_id, path, visitor)
    if ticket_id not in visible:
        raise PermissionDenied("Forbidden")
    if not visitor.is_verified and await targets_closed_to_sessions(read, project_id, [path[-1].id]):
        raise PermissionDenied("Forbidden")
    return await _visible_part(read, project_id, path, visible, visitor)


async def visible_ids(
    read: Reads, project_id: int, steps: Iterable[MergeStep], visitor: Visitor
) -> set[UUID]:
    """Return those of some tickets that are the visitor's own, or in which they take part."""
    found = {one.id for one in steps if is_own(one, visitor)}
    others = {one.id for one in steps} - found
    if visitor.is_verified and others:
        values = {
            "distinct_id": visitor.distinct_id,
            "email": visitor.participant_email,
            "tickets": sorted(others),
        }
        found |= {row[0] for row in await read(_TAKES_PART, project_id=project_id, **values)}
    return found


def last_visible(path: Sequence[MergeStep], visible: set[UUID]) -> int:
    """Return where on a path the last ticket is that somebody may see."""
    return max(index for index, step in enumerate(path) if step.id in visible)


async def _visible_part(
    read: Reads, project_id: int, path: Sequence[MergeStep], visible: set[UUID], visitor: Visitor
) -> VisitorTicket:
    """Return what the visitor sees of a thread whose first ticket is theirs."""
    index, root = last_visible(path, visible), path[-1]
    shown = path[index]
    inside = await _own_addressed_ids(read, project_id, shown, root, visitor)
    is_requester = is_own(shown, visitor)
    if shown is root:
        visibility = ThreadVisibility(
            whole_id=root.id, own_ids=sorted({root.id, *inside}), addressed_ids=[root.id]
        )
        return VisitorTicket(
            root.id, root.status, root.unread_customer_count, root.anonymous_traits, is_requester, visibility
        )
    targets = [(step.id, step.since) for step in path[index + 1 :]]
    visibility = ThreadVisibility(addressed_ids=sorted({shown.id, *inside}), targets=targets)
    return VisitorTicket(shown.id, root.status, 0, shown.anonymous_traits, is_requester, visibility)


async def _own_addressed_ids(
    read: Reads, project_id: int, shown: MergeStep, root: MergeStep, visitor: Visitor
) -> set[UUID]:
    """Return the visitor's tickets that messages on the target were addressed to, and that they see as this one."""
    paths = await merge_paths(read, project_id, await addressed_ticket_ids(read, project_id, root.id))
    visible = await visible_ids(read, project_id, [step for path in paths.values() for step in path], visitor)
    return {
        id
        for id, path in paths.items()
        if id in visible and (shown is root or path[last_visible(path, visible)].id == shown.id)
    }
