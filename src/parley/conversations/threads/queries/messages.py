"""The messages of a thread, as far as a visitor may see them: public ones, and of merged threads only their part."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    type_coerce,
    union,
)

from parley.accounts.users.tables import user_account
from parley.conversations.threads.rules import ThreadVisibility, VisitorTicket
from parley.conversations.tickets.rules.comments import (
    ATTACHMENTS_KEY,
    CUSTOMER,
    PARTICIPANT,
    PARTICIPANT_KEY,
    PARTICIPANT_NAME_KEY,
)
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.columns import RawJson, UtcDateTime
from parley.kernel.database.dialect import json_member_text
from parley.kernel.database.prepared import Prepared, Reads


class VisibleMessage(msgspec.Struct, frozen=True):
    """A public message; the last two are the name and address of the team member who wrote it.

    `given_name` is the name that the team gave to the customer who wrote it: as a participant, or along with the message.
    """

    id: UUID
    content: str
    rich_content: msgspec.Raw | None
    author_type: str
    created_at: datetime
    given_name: str | None
    first_name: str | None
    email: str | None
    attachments: str | None = None  # the JSON of what its context says of its files


def _given_name() -> ColumnElement[str]:
    context = comment.c.item_context
    name, participant, known = (
        json_member_text(context, key) for key in ("author_name", PARTICIPANT_KEY, PARTICIPANT_NAME_KEY)
    )
    # Of a participant, `author_name` is what they call themselves.
    given = case((participant.is_not(None), func.coalesce(known, PARTICIPANT)), else_=name)
    return case((and_(comment.c.author_type == CUSTOMER, name.is_not(None)), given))


_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "id": comment.c.id,
    "content": comment.c.content,
    "rich_content": type_coerce(comment.c.rich_content, RawJson).label("rich_content"),
    "author_type": comment.c.author_type,
    "created_at": comment.c.created_at,
    "given_name": _given_name(),
    "first_name": user_account.c.first_name,
    "email": user_account.c.email,
    "attachments": json_member_text(comment.c.item_context, ATTACHMENTS_KEY),
}
_SHOWN = tuple(_COLUMNS[name] for name in VisibleMessage.__struct_fields__)
_LIMIT = bindparam("limit", type_=Integer)
_AFTER = bindparam("after", type_=UtcDateTime)


def _messages(*more: ColumnElement[bool]) -> Prepared:
    return Prepared(
        select(*_SHOWN)
        .select_from(comment.outerjoin(user_account, user_account.c.id == comment.c.created_by))
        .where(
            comment.c.project_id == bindparam("project_id"),
            comment.c.ticket_id == bindparam("ticket_id"),
            comment.c.deleted == false(),
            comment.c.is_private == false(),
            *more,
        )
        .order_by(comment.c.created_at, comment.c.id)
        .limit(_LIMIT)
    )


MESSAGES = _messages()
MESSAGES_AFTER = _messages(comment.c.created_at > _AFTER)


def _public(*more: ColumnElement[bool]) -> Select[Any]:
    return select(comment.c.id, comment.c.created_at).where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.deleted == false(),
        comment.c.is_private == false(),
        *more,
    )


def visible_messages(n_targets: int) -> tuple[FromClause, Subquery]:
    """Return the messages that a visitor sees of a thread, and the subquery with their ids and times.

    Each part is one step into an index: ix_comment_ticket, ix_comment_via or ix_comment_answers. Whoever sorts does so by
    the times that come out here: by those of the messages SQLite would read the whole project, which is sorted already.
    """
    via, there = comment.c.via_ticket_id, comment.c.ticket_id
    live = and_(
        ticket.c.project_id == comment.c.project_id, ticket.c.id == there, ticket.c.deleted_at.is_(None)
    )
    parts = [
        _public(
            there == bindparam("whole_id", type_=there.type),
            or_(via.is_(None), is_one_of(via, listed("own_ids", via))),
        ),
        *(
            _public(
                is_one_of(column, listed("addressed_ids", column)), select(ticket.c.id).where(live).exists()
            )
            for column in (via, comment.c.answers_ticket_id)
        ),
    ]
    for n in range(n_targets):
        place, since = f"place_{n}", f"since_{n}"
        parts.append(
            _public(
                there == bindparam("root_id", type_=there.type),
                func.coalesce(comment.c.home_ticket_id, there) == bindparam(place, type_=there.type),
                or_(via.is_(None), via == bindparam(place, type_=via.type)),
                comment.c.created_at > bindparam(since, type_=UtcDateTime),
                comment.c.author_type != CUSTOMER,
            )
        )
    visible = union(*parts).subquery("visible")
    same = and_(comment.c.project_id == bindparam("project_id"), comment.c.id == visible.c.id)
    return visible.join(comment, same), visible


def visibility_values(visibility: ThreadVisibility) -> dict[str, Any]:
    """Return the values that the SELECT of `visible_messages` takes."""
    values: dict[str, Any] = {
        "whole_id": visibility.whole_id,
        "own_ids": visibility.own_ids,
        "addressed_ids": visibility.addressed_ids,
    }
    for n, (place, since) in enumerate(visibility.targets):
        values |= {f"place_{n}": place, f"since_{n}": since, "root_id": visibility.targets[-1][0]}
    return values


@lru_cache
def message_statements(n_targets: int) -> tuple[Prepared, Prepared]:
    """Return the statements for all messages that a visitor sees, and for the later ones."""
    messages, visible = visible_messages(n_targets)
    every = select(*_SHOWN).select_from(
        messages.outerjoin(user_account, user_account.c.id == comment.c.created_by)
    )
    every = every.order_by(visible.c.created_at, visible.c.id).limit(_LIMIT)
    return Prepared(every), Prepared(every.where(visible.c.created_at > _AFTER))


async def visitor_messages(
    read: Reads, project_id: int, ticket: VisitorTicket, *, after: datetime | None, limit: int
) -> list[VisibleMessage]:
    """Return the public messages of a ticket that a visitor may see, oldest first, strictly newer than `after`.

    Served by ix_comment_ticket. The caller has found the ticket through `visitor_ticket`.
    """
    values: dict[str, Any] = {"project_id": project_id, "limit": limit}
    if ticket.visibility is None:
        every, later, values["ticket_id"] = MESSAGES, MESSAGES_AFTER, ticket.id
    else:
        every, later = message_statements(len(ticket.visibility.targets))
        values |= visibility_values(ticket.visibility)
    if after is None:
        found = await read(every, **values)
    else:
        found = await read(later, after=after, **values)
    return [VisibleMessage(*row) for row in found]


@lru_cache
def _summary(n_targets: int) -> tuple[Prepared, Prepared]:
    messages, visible = visible_messages(n_targets)
    last = select(visible.c.created_at, comment.c.content).select_from(messages)
    last = last.order_by(visible.c.created_at.desc(), visible.c.id.desc()).limit(1)
    return Prepared(select(func.count()).select_from(visible)), Prepared(last)


class VisibleSummary(msgspec.Struct, frozen=True):
    """How many messages a visitor sees of a thread, and the last of them."""

    message_count: int
    last_message_at: datetime | None
    last_message_text: str | None


async def visible_summary(read: Reads, project_id: int, visibility: ThreadVisibility) -> VisibleSummary:
    """Return how many messages a visitor sees of a thread, and the last of them."""
    count, last = _summary(len(visibility.targets))
    values = {"project_id": project_id, **visibility_values(visibility)}
    n_messages: int = (await read(count, **values))[0][0]
    found = await read(last, **values)
    at, text = found[0] if found else (None, None)
    return VisibleSummary(n_messages, at, text)
