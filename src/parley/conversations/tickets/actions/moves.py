"""Messages move from one ticket to another, when tickets are merged, un-merged or split."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, func, null, or_, update

from parley.conversations.tickets.actions.messages import THIS_TICKET
from parley.conversations.tickets.queries.messages import last_public_message, public_message_count
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.conversations.tickets.rules.comments import last_text
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db


def _id(name: str) -> Any:
    return bindparam(name, type_=comment.c.ticket_id.type)


_ON_SOURCE = (comment.c.project_id == bindparam("project_id"), comment.c.ticket_id == _id("from_id"))
_THESE = (
    comment.c.project_id == bindparam("project_id"),
    is_one_of(comment.c.id, listed("ids", comment.c.id)),
)
_ON_TARGET = {"ticket_id": _id("to_id"), "item_id": bindparam("item_id", type_=comment.c.item_id.type)}
_MOVE = Prepared(
    update(comment)
    .where(*_ON_SOURCE)
    .values(
        **_ON_TARGET,
        via_ticket_id=func.coalesce(comment.c.via_ticket_id, _id("from_id")),
        home_ticket_id=func.coalesce(comment.c.home_ticket_id, _id("from_id")),
    )
)


async def move_messages(db: Db, project_id: int, source_id: UUID, target_id: UUID) -> None:
    """Move everything that is written on a ticket to the one that it is merged into (ix_comment_ticket)."""
    ids = {"from_id": source_id, "to_id": target_id, "item_id": str(target_id)}
    await db.rows(_MOVE, project_id=project_id, **ids)


_HOMES = listed("homes", comment.c.home_ticket_id)
_IS_AT_HOME = is_one_of(comment.c.home_ticket_id, _HOMES)
_MOVE_BACK = Prepared(
    update(comment)
    .where(*_ON_SOURCE, or_(_IS_AT_HOME, is_one_of(comment.c.via_ticket_id, _HOMES)))
    .values(
        **_ON_TARGET,
        via_ticket_id=case((comment.c.via_ticket_id == _id("to_id"), null()), else_=comment.c.via_ticket_id),
        # What was addressed to it and written elsewhere is at home on it from now on.
        home_ticket_id=case(
            (comment.c.home_ticket_id == _id("to_id"), null()),
            (_IS_AT_HOME, comment.c.home_ticket_id),
            else_=null(),
        ),
    )
)


async def move_messages_back(
    db: Db, project_id: int, target_id: UUID, source_id: UUID, merged_ids: Sequence[UUID]
) -> None:
    """Move what was written on a source or addressed to it back to it from its target (ix_comment_ticket).

    `merged_ids` are the source and those that are merged into it.
    """
    ids = {"from_id": target_id, "to_id": source_id, "item_id": str(source_id)}
    await db.rows(_MOVE_BACK, project_id=project_id, homes=merged_ids, **ids)


_SPLIT_OFF = Prepared(
    update(comment)
    .where(*_THESE)
    .values(
        **_ON_TARGET,
        via_ticket_id=case(
            (comment.c.via_ticket_id == _id("of_requester"), null()), else_=comment.c.via_ticket_id
        ),
        # They belong to the new ticket, whatever is un-merged later.
        home_ticket_id=null(),
    )
)


async def move_messages_to_new_ticket(
    db: Db, project_id: int, ids: Sequence[UUID], new_id: UUID, of_requester: UUID
) -> None:
    """Move messages to a new ticket that has the requester of the ticket `of_requester` (primary key)."""
    await db.rows(
        _SPLIT_OFF,
        project_id=project_id,
        ids=ids,
        to_id=new_id,
        item_id=str(new_id),
        of_requester=of_requester,
    )


_SHOW_ANSWERS = Prepared(update(comment).where(*_THESE).values(answers_ticket_id=_id("answers")))


async def show_answers_on(db: Db, project_id: int, ids: Sequence[UUID], ticket_id: UUID) -> None:
    """Show these answers to the customers of a ticket, too; they stay where they are (primary key)."""
    if ids:
        await db.rows(_SHOW_ANSWERS, project_id=project_id, ids=ids, answers=ticket_id)


_COUNTED = ("message_count", "last_message_at", "last_message_text", "updated_at")
_RECOUNT = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values({name: bindparam(name, type_=ticket.c[name].type) for name in _COUNTED})
)


async def recount_messages(db: Db, project_id: int, ticket_id: UUID, updated_at: datetime) -> None:
    """Count the public messages of a ticket anew, and say when it changed last."""
    last = await last_public_message(db, project_id, ticket_id)
    await db.rows(
        _RECOUNT,
        project_id=project_id,
        ticket_id=ticket_id,
        message_count=await public_message_count(db, project_id, ticket_id),
        last_message_at=last[0] if last else None,
        last_message_text=last_text(last[1]) if last else None,
        updated_at=updated_at,
    )


def _set(*names: str) -> Prepared:
    values = {name: bindparam(name, type_=ticket.c[name].type) for name in names}
    return Prepared(update(ticket).where(*THIS_TICKET).values(values))


_SET_UNREAD = _set("unread_team_count", "unread_customer_count")
_COMPLETE = _set("unread_team_count", "unread_customer_count", "has_been_merged")
_SET_ADDRESSES = _set("cc_participants")


async def set_unread_counts(db: Db, project_id: int, ticket_id: UUID, *, team: int, customer: int) -> None:
    """Say how many messages of a ticket the team and the customer have not read."""
    counts = {"unread_team_count": team, "unread_customer_count": customer}
    await db.rows(_SET_UNREAD, project_id=project_id, ticket_id=ticket_id, **counts)


async def complete_split_ticket(
    db: Db,
    source: LockedTicket,
    new_id: UUID,
    *,
    unread_team_count: int,
    unread_customer_count: int,
) -> None:
    """Tell a ticket that was split off another one what it could not know when it was opened."""
    await db.rows(
        _COMPLETE,
        project_id=source.project_id,
        ticket_id=new_id,
        unread_team_count=unread_team_count,
        unread_customer_count=unread_customer_count,
        has_been_merged=source.has_been_merged,
    )


async def set_participant_addresses(
    db: Db, project_id: int, ticket_id: UUID, addresses: Sequence[str]
) -> None:
    """Write which addresses a ticket shows for its participants."""
    await db.rows(_SET_ADDRESSES, project_id=project_id, ticket_id=ticket_id, cc_participants=addresses)
