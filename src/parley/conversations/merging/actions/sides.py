"""Writing what merging, un-merging and splitting make of tickets: their rows, tags, participants and messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, delete, func, insert, null, or_, true, update

from parley.conversations.merging.queries.merging import public_message_count
from parley.conversations.merging.rules.merging import Merged, Side, Who
from parley.conversations.participants.tables import ticket_participant
from parley.conversations.tickets.actions.messages import THIS_TICKET
from parley.conversations.tickets.queries.messages import last_public_message
from parley.conversations.tickets.rules import last_text
from parley.conversations.tickets.tables import comment, ticket, ticket_tag
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid

_STORED = ("status", "unread_team_count", "unread_customer_count", "merged_numbers", "cc_participants")
_STORE = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values(has_been_merged=true(), **{name: bindparam(name, type_=ticket.c[name].type) for name in _STORED})
)


async def store_sides(
    db: Db, project_id: int, before: Mapping[UUID, Side], after: Mapping[UUID, Side], user_id: int
) -> None:
    """Write what has become of tickets; those that are as before are left alone."""
    for id, now in after.items():
        if now != before[id]:
            await _store_tags(db, project_id, id, before[id].tags, now.tags)
            await store_participants(
                db, project_id, id, before[id].participants, now.participants, user_id=user_id
            )
            await db.rows(
                _STORE,
                project_id=project_id,
                ticket_id=id,
                status=now.status,
                unread_team_count=now.unread_team_count,
                unread_customer_count=now.unread_customer_count,
                merged_numbers=now.merged_numbers,
                cc_participants=addresses(now.participants),
            )


def addresses(participants: Mapping[Who, Merged]) -> list[str]:
    """Return the addresses of participants in the order in which they came, as the ticket shows them."""
    in_order = sorted(participants.items(), key=lambda one: one[1].at)
    return [email for (email, _), _ in in_order if email is not None]


_TAG_HERE = (
    ticket_tag.c.project_id == bindparam("project_id"),
    ticket_tag.c.ticket_id == bindparam("ticket_id"),
    ticket_tag.c.name == bindparam("name"),
)
_UNTAG = Prepared(delete(ticket_tag).where(*_TAG_HERE))
_TAG = Prepared(
    insert(ticket_tag).values(
        {column.name: bindparam(column.name, type_=column.type) for column in ticket_tag.c}
    )
)


async def _store_tags(
    db: Db,
    project_id: int,
    ticket_id: UUID,
    before: Mapping[str, UUID | None],
    after: Mapping[str, UUID | None],
) -> None:
    here = {"project_id": project_id, "ticket_id": ticket_id}
    # A tag that another merge answers for now is taken off and put on again.
    stays = {name for name, by in before.items() if name in after and after[name] == by}
    await db.each(_UNTAG, [{**here, "name": name} for name in before if name not in stays])
    await db.each(
        _TAG, [{**here, "name": name, "merge_id": by} for name, by in after.items() if name not in stays]
    )


_of = ticket_participant.c
_LEAVE = Prepared(
    delete(ticket_participant).where(
        _of.project_id == bindparam("project_id"),
        _of.ticket_id == bindparam("ticket_id"),
        func.coalesce(_of.email, "") == bindparam("email"),
        func.coalesce(_of.distinct_id, "") == bindparam("distinct_id"),
    )
)
_COME = Prepared(
    insert(ticket_participant).values(
        {column.name: bindparam(column.name, type_=column.type) for column in _of}
    )
)


async def store_participants(
    db: Db,
    project_id: int,
    ticket_id: UUID,
    before: Mapping[Who, Merged],
    after: Mapping[Who, Merged],
    *,
    user_id: int,
) -> None:
    """Have a ticket get and lose participants; who has come by another merge than before comes anew."""
    here = {"project_id": project_id, "ticket_id": ticket_id}
    stays = {who for who, told in before.items() if who in after and after[who].merge_id == told.merge_id}
    gone = [who for who in before if who not in stays]
    await db.each(
        _LEAVE, [{**here, "email": email or "", "distinct_id": known or ""} for email, known in gone]
    )
    rows: list[dict[str, Any]] = [
        {
            **here,
            "id": new_uuid(),
            "email": email,
            "distinct_id": known,
            "name": told.name,
            "merge_id": told.merge_id,
            "added_by": user_id,
            "created_at": told.at,
        }
        for (email, known), told in after.items()
        if (email, known) not in stays
    ]
    await db.each(_COME, rows)


def _id(name: str) -> Any:
    return bindparam(name, type_=comment.c.ticket_id.type)


_MINE = (comment.c.project_id == bindparam("project_id"), comment.c.ticket_id == _id("source_id"))
_THERE = {"ticket_id": _id("target_id"), "item_id": bindparam("item_id", type_=comment.c.item_id.type)}
_MOVE = Prepared(
    update(comment)
    .where(*_MINE)
    .values(
        **_THERE,
        via_ticket_id=func.coalesce(comment.c.via_ticket_id, _id("source_id")),
        home_ticket_id=func.coalesce(comment.c.home_ticket_id, _id("source_id")),
    )
)
_HOMES = listed("homes", comment.c.home_ticket_id)
_IS_AT_HOME = is_one_of(comment.c.home_ticket_id, _HOMES)
_MOVE_BACK = Prepared(
    update(comment)
    .where(*_MINE, or_(_IS_AT_HOME, is_one_of(comment.c.via_ticket_id, _HOMES)))
    .values(
        **_THERE,
        via_ticket_id=case(
            (comment.c.via_ticket_id == _id("target_id"), null()), else_=comment.c.via_ticket_id
        ),
        # What was addressed to it and written elsewhere is at home on it from now on.
        home_ticket_id=case(
            (comment.c.home_ticket_id == _id("target_id"), null()),
            (_IS_AT_HOME, comment.c.home_ticket_id),
            else_=null(),
        ),
    )
)
_ANSWERS = Prepared(
    update(comment)
    .where(
        comment.c.project_id == bindparam("project_id"),
        is_one_of(comment.c.id, listed("ids", comment.c.id)),
    )
    .values(answers_ticket_id=bindparam("answers", type_=comment.c.ticket_id.type))
)


async def move_messages(db: Db, project_id: int, source: UUID, target: UUID) -> None:
    """Move everything that is written on a ticket to the one that it is merged into (ix_comment_ticket)."""
    ids = {"source_id": source, "target_id": target, "item_id": str(target)}
    await db.rows(_MOVE, project_id=project_id, **ids)


async def move_messages_back(
    db: Db, project_id: int, source: UUID, target: UUID, homes: Sequence[UUID]
) -> None:
    """Move what was written on a ticket or addressed to it, or to those merged into it, back to it (ix_comment_ticket)."""
    ids = {"source_id": source, "target_id": target, "item_id": str(target)}
    await db.rows(_MOVE_BACK, project_id=project_id, homes=homes, **ids)


async def show_answers(db: Db, project_id: int, ids: Sequence[UUID], ticket_id: UUID) -> None:
    """Have the customers of a ticket see these answers, which stay where they are (primary key)."""
    if ids:
        await db.rows(_ANSWERS, project_id=project_id, ids=ids, answers=ticket_id)


_COUNTED = ("message_count", "last_message_at", "last_message_text", "updated_at")
_RECOUNT = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values({name: bindparam(name, type_=ticket.c[name].type) for name in _COUNTED})
)


async def recount(db: Db, project_id: int, ticket_id: UUID, at: datetime) -> None:
    """Count the public messages of a ticket anew, and say when it changed last."""
    last = await last_public_message(db, project_id, ticket_id)
    await db.rows(
        _RECOUNT,
        project_id=project_id,
        ticket_id=ticket_id,
        message_count=await public_message_count(db, project_id, ticket_id),
        last_message_at=last[0] if last else None,
        last_message_text=last_text(last[1]) if last else None,
        updated_at=at,
    )
