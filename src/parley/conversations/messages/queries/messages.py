"""Messages as the team sees them: private notes too, deleted ones never."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import BigInteger, ColumnElement, Integer, and_, bindparam, func, select, type_coerce

from parley.accounts.users.rules import full_name
from parley.accounts.users.tables import user_account
from parley.conversations.files.attachments import attachments_in, with_links
from parley.conversations.files.rules.links import FileLinks
from parley.conversations.messages.schemas import MessageOut
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.queries.messages import MESSAGES_OF_TICKET
from parley.conversations.tickets.rules.comments import (
    CUSTOMER,
    PARTICIPANT_KEY,
    WHOLE_EMAIL_KEY,
    Authorship,
    assistant_name,
    author_name,
    message_type,
)
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.columns import RawJson
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Project
from parley.kernel.text.json_text import read_json
from parley.people.persons.rules.names import customer_name

# The merged ticket that a message was written to: its customer may be somebody else (primary key, for few messages).
_origin = ticket.alias("origin")


class TicketOfMessages(msgspec.Struct, frozen=True):
    """What messages need of their ticket and its project to name their authors.

    `customer` is how the team's pages call the ticket's own; programs get what the customer has said of themselves.
    """

    project_id: int
    id: UUID
    traits: dict[str, Any]
    assistant_name: str
    links: FileLinks
    customer: str | None = None


class _Row(msgspec.Struct, frozen=True):
    """A message as it is stored, with what names its author."""

    id: UUID
    content: str
    rich_content: msgspec.Raw | None
    author_type: str
    is_private: bool
    version: int
    created_at: datetime
    item_context: dict[str, Any]
    via_ticket_id: UUID | None
    traits_of_origin: dict[str, Any] | None
    distinct_id_of_origin: str | None
    email_from_of_origin: str | None
    first_name: str | None
    last_name: str | None
    email: str | None


_JOINED: dict[str, ColumnElement[Any]] = {
    "rich_content": type_coerce(comment.c.rich_content, RawJson).label("rich_content"),
    "traits_of_origin": _origin.c.anonymous_traits,
    "distinct_id_of_origin": _origin.c.distinct_id,
    "email_from_of_origin": _origin.c.email_from,
    "first_name": user_account.c.first_name,
    "last_name": user_account.c.last_name,
    "email": user_account.c.email,
}
_WHOLE = (
    select(*(_JOINED[name] if name in _JOINED else comment.c[name] for name in _Row.__struct_fields__))
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
    source: Db | Database, ticket: TicketOfMessages, *, limit: int, offset: int = 0
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


async def message_by_id(source: Db | Database, ticket: TicketOfMessages, message_id: UUID) -> MessageOut:
    """Return one message of a ticket (primary key); raises NotFound."""
    read = source.rows if isinstance(source, Db) else source.read
    rows = await read(_ONE, project_id=ticket.project_id, ticket_id=ticket.id, message_id=message_id)
    if not rows:
        raise NotFound
    return _message_of(rows[0], ticket)


async def full_email_of(source: Db | Database, ticket: TicketOfMessages, message_id: UUID) -> str | None:
    """Return the text of the mail that a message came from (primary key); None where it shows all of it, or is no mail."""
    read = source.rows if isinstance(source, Db) else source.read
    rows = await read(_ONE, project_id=ticket.project_id, ticket_id=ticket.id, message_id=message_id)
    found = _Row(*rows[0]).item_context.get(WHOLE_EMAIL_KEY) if rows else None
    return found if isinstance(found, str) else None


async def message_count(source: Db | Database, project_id: int, ticket_id: UUID) -> int:
    """Return how many messages the team sees on a ticket (ix_comment_ticket)."""
    read = source.rows if isinstance(source, Db) else source.read
    found = await read(_COUNT, project_id=project_id, ticket_id=ticket_id)
    count: int = found[0][0]
    return count


def of_ticket(
    ticket: TicketOut, project: Project, links: FileLinks, customer: str | None = None
) -> TicketOfMessages:
    """Return what the messages of a ticket need to know of it; `links` lead to their files."""
    traits: Any = ticket.anonymous_traits
    if isinstance(traits, msgspec.Raw):
        traits = read_json(traits)
    return TicketOfMessages(project.id, ticket.id, traits, assistant_name(project.settings), links, customer)


def _author_name(authorship: Authorship, row: _Row, ticket: TicketOfMessages) -> str:
    """Return the author's name; on the team's pages a customer is called what the list calls them."""
    if ticket.customer is None:
        return author_name(authorship, ticket.assistant_name)
    customer = ticket.customer
    if row.distinct_id_of_origin is not None:  # one of a merged ticket may be of another customer
        address, distinct_id = row.email_from_of_origin, row.distinct_id_of_origin
        customer = customer_name(authorship.traits, {}, email_from=address, distinct_id=distinct_id)
    return author_name(
        msgspec.structs.replace(authorship, traits={}), ticket.assistant_name, customer=customer
    )


def _message_of(columns: Sequence[Any], ticket: TicketOfMessages) -> MessageOut:
    row = _Row(*columns)
    traits = ticket.traits if row.traits_of_origin is None else row.traits_of_origin
    authorship = Authorship(
        author_type=row.author_type,
        creator_name=full_name(row.first_name, row.last_name) if row.email is not None else None,
        creator_email=row.email,
        context=row.item_context,
        traits=traits,
    )
    return MessageOut(
        id=row.id,
        message_type=message_type(row.author_type, private=row.is_private),
        content=row.content,
        rich_content=row.rich_content,
        author_type=row.author_type,
        author_name=_author_name(authorship, row, ticket),
        author_email=row.email or _customer_email(row, traits),
        is_private=row.is_private,
        has_full_email_content=WHOLE_EMAIL_KEY in row.item_context,
        version=row.version,
        created_at=row.created_at,
        attachments=with_links(attachments_in(row.item_context), ticket.project_id, ticket.links),
        via_ticket_id=row.via_ticket_id or UNSET,
    )


def _customer_email(row: _Row, traits: Mapping[str, Any]) -> str | None:
    """Return the address that the customer who wrote a message has given."""
    if row.author_type != CUSTOMER:
        return None
    email = row.item_context.get("from_email") if PARTICIPANT_KEY in row.item_context else traits.get("email")
    return email if isinstance(email, str) else None
