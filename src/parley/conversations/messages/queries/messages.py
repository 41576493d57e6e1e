"""Messages as the team sees them: private notes too, deleted ones never."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import BigInteger, Integer, and_, bindparam, func, select, type_coerce

from parley.accounts.users.tables import user_account
from parley.conversations.messages.schemas import MessageOut
from parley.conversations.tickets.queries.messages import MESSAGES_OF_TICKET
from parley.conversations.tickets.rules import (
    CUSTOMER,
    PARTICIPANT_KEY,
    Authorship,
    assistant_name,
    author_name,
    message_type,
)
from parley.conversations.tickets.schemas import TicketOut
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.columns import RawJson
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Project
from parley.kernel.text.json_text import read_json

# The merged ticket that a message was written to: its customer may be somebody else (primary key, for few messages).
_origin = ticket.alias("origin")
_WHOLE = (
    select(
        comment.c.id,
        comment.c.content,
        type_coerce(comment.c.rich_content, RawJson).label("rich_content"),
        comment.c.author_type,
        comment.c.is_private,
        comment.c.version,
        comment.c.created_at,
        comment.c.item_context,
        comment.c.via_ticket_id,
        _origin.c.anonymous_traits,
        user_account.c.first_name,
        user_account.c.last_name,
        user_account.c.email,
    )
    .select_from(
        comment.outerjoin(user_account, user_account.c.id == comment.c.created_by).outerjoin(
            _origin,
            and_(_origin.c.project_id == comment.c.project_id, _origin.c.id == comment.c.via_ticket_id),
        )
    )
    .where(*MESSAGES_OF_TICKET)
)
_PAGE = Prepared(
    _WHOLE.order_by(comment.c.created_at, comment.c.id)
    .limit(bindparam("limit", type_=Integer))
    .offset(bindparam("offset", type_=BigInteger))
)
_ONE = Prepared(_WHOLE.where(comment.c.id == bindparam("message_id")))
_COUNT = Prepared(select(func.count()).select_from(comment).where(*MESSAGES_OF_TICKET))


async def messages_of_ticket(
    source: Db | Database, ticket: "TicketOfMessages", *, limit: int, offset: int = 0
) -> list[MessageOut]:
    """Return a page of a ticket's messages, oldest first (ix_comment_ticket)."""
    read = source.rows if isinstance(source, Db) else source.read
    values = {
        "project_id": ticket.project_id,
        "ticket_id": ticket.id,
        "limit": limit,
        "offset": offset,
    }
    return [_message_of(row, ticket) for row in await read(_PAGE, **values)]


async def message_by_id(source: Db | Database, ticket: "TicketOfMessages", message_id: UUID) -> MessageOut:
    """Return one message of a ticket (primary key); raises NotFound."""
    read = source.rows if isinstance(source, Db) else source.read
    rows = await read(_ONE, project_id=ticket.project_id, ticket_id=ticket.id, message_id=message_id)
    if not rows:
        raise NotFound
    return _message_of(rows[0], ticket)


async def message_count(source: Db | Database, project_id: int, ticket_id: UUID) -> int:
    """Return how many messages the team sees on a ticket (ix_comment_ticket)."""
    read = source.rows if isinstance(source, Db) else source.read
    found = await read(_COUNT, project_id=project_id, ticket_id=ticket_id)
    count: int = found[0][0]
    return count


class TicketOfMessages(msgspec.Struct, frozen=True):
    """What messages need of their ticket and its project to name their authors."""

    project_id: int
    id: UUID
    traits: dict[str, Any]
    assistant_name: str


def of_ticket(ticket: TicketOut, project: Project) -> TicketOfMessages:
    """Return what the messages of a ticket need to know of it."""
    traits: Any = ticket.anonymous_traits
    if isinstance(traits, msgspec.Raw):
        traits = read_json(traits)
    return TicketOfMessages(project.id, ticket.id, traits, assistant_name(project.settings))


def _message_of(row: Sequence[Any], ticket: TicketOfMessages) -> MessageOut:
    id, content, rich_content, author_type, private, version, created_at, context, *rest = row
    via_id, traits_of_origin, first, last, email = rest
    traits = ticket.traits if traits_of_origin is None else traits_of_origin
    authorship = Authorship(
        author_type=author_type,
        creator_name=f"{first} {last}".strip() if email is not None else None,
        creator_email=email,
        context=context,
        traits=traits,
    )
    return MessageOut(
        id=id,
        message_type=message_type(author_type, private=private),
        content=content,
        rich_content=rich_content,
        author_type=author_type,
        author_name=author_name(authorship, ticket.assistant_name),
        author_email=email or _told_address(author_type, context, traits),
        is_private=private,
        has_full_email_content=False,
        version=version,
        created_at=created_at,
        via_ticket_id=via_id or UNSET,
    )


def _told_address(author_type: str, context: dict[str, Any], traits: dict[str, Any]) -> str | None:
    if author_type != CUSTOMER:
        return None
    told = context.get("from_email") if PARTICIPANT_KEY in context else traits.get("email")
    return told if isinstance(told, str) else None
