"""Messages on a ticket, and other comments: stored and changed, with what each does to the counters of its ticket."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Boolean, Integer, bindparam, case, func, null, update

from parley.conversations.search.actions import IndexedInsert, index_text, index_ticket
from parley.conversations.search.indexed_text import NO_TICKET
from parley.conversations.ticket_changes.rules.changes import ends_snooze, tells_of_new
from parley.conversations.tickets.queries.messages import (
    StoredComment,
    context_of,
    customer_message_count,
    last_public_message,
)
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.conversations.tickets.rules.comments import CUSTOMER, MESSAGE_SCOPE, Comment, last_text
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Project
from parley.kernel.ids import new_uuid
from parley.kernel.text.forms import folded

THIS_TICKET = (ticket.c.project_id == bindparam("project_id"), ticket.c.id == bindparam("ticket_id"))


class CommentRow(Comment, frozen=True, kw_only=True):
    """The columns of a comment that differ from one new comment to the next. `ticket_id` is set where it is on a ticket."""

    project_id: int
    scope: str
    created_at: datetime
    item_id: str | None = None
    ticket_id: UUID | None = None
    item_context: Mapping[str, Any] = {}
    rich_content: Any = None
    source_comment_id: UUID | None = None
    is_task: bool = False
    via_ticket_id: UUID | None = None


_GIVEN = (*CommentRow.__struct_fields__, "id", "version", "deleted")
_INSERT = IndexedInsert(comment, {name: bindparam(name, type_=comment.c[name].type) for name in _GIVEN})


def customer_message(
    project_id: int,
    ticket_id: UUID,
    content: str,
    at: datetime,
    context: Mapping[str, Any],
    *,
    via_ticket_id: UUID | None = None,
) -> CommentRow:
    """Return a customer's message on a ticket; the context says who of its customers has written it."""
    return CommentRow(
        project_id=project_id,
        scope=MESSAGE_SCOPE,
        item_id=str(ticket_id),
        ticket_id=ticket_id,
        item_context={"author_type": CUSTOMER, "is_private": False, **context},
        author_type=CUSTOMER,
        is_private=False,
        content=content,
        created_by=None,
        via_ticket_id=via_ticket_id,
        created_at=at,
    )


async def store(db: Db, new: CommentRow) -> UUID:
    """Insert a comment; counters are the caller's."""
    id = new_uuid()
    values = msgspec.structs.asdict(new)
    await _INSERT.run(
        db,
        _found_under(new.scope, new.ticket_id),
        folded(new.content),
        id=id,
        version=0,
        deleted=False,
        **values,
    )
    return id


def _found_under(scope: str, ticket_id: UUID | None) -> UUID:
    """Return under what search finds a comment: messages under their ticket, others by themselves."""
    return ticket_id if scope == MESSAGE_SCOPE and ticket_id else NO_TICKET


async def is_first_of_customer(
    db: Db, project: Project, ticket_id: UUID, message: Comment, *, is_stored: bool = True
) -> bool:
    """Say whether this is the first that the customer says on a ticket; only asked where somebody wants to know."""
    if not message.is_from_customer or message.is_private or not tells_of_new(project.settings):
        return False
    return await customer_message_count(db, project.id, ticket_id) == int(is_stored)


_TICKET = update(ticket).where(*THIS_TICKET)
_BY_EACH = {
    "message_count": ticket.c.message_count + 1,
    "last_message_at": bindparam("at", type_=ticket.c.last_message_at.type),
    "last_message_text": bindparam("text", type_=ticket.c.last_message_text.type),
    "updated_at": bindparam("at", type_=ticket.c.updated_at.type),
    "status": bindparam("status", type_=ticket.c.status.type),
    "snoozed_until": case((bindparam("wakes", type_=Boolean), null()), else_=ticket.c.snoozed_until),
}
_COUNT = Prepared(
    _TICKET.values(
        **_BY_EACH,
        unread_customer_count=ticket.c.unread_customer_count + bindparam("unread", type_=Integer),
        first_response_at=func.coalesce(
            ticket.c.first_response_at, bindparam("answered_at", type_=ticket.c.first_response_at.type)
        ),
    )
)


async def count_message(db: Db, new: CommentRow, status: str) -> None:
    """Count a public message on its ticket (docs/wire/conversations.md#counters); a private note changes nothing."""
    if new.is_private:
        return
    await db.write(
        _COUNT,
        project_id=new.project_id,
        ticket_id=new.ticket_id,
        at=new.created_at,
        text=last_text(new.content),
        status=status,
        wakes=ends_snooze(status, new),
        unread=int(new.is_unread_for_customer),
        answered_at=new.created_at if new.is_response else None,
    )


_FROM_CUSTOMER = ("anonymous_traits", "session_id", "session_context")
_COUNT_OF_CUSTOMER = Prepared(
    _TICKET.values(
        **_BY_EACH,
        unread_team_count=ticket.c.unread_team_count + 1,
        **{
            name: bindparam(name, type_=ticket.c[name].type)
            for name in ("closed_to_sessions", *_FROM_CUSTOMER)
        },
    )
)


async def count_customer_message(
    db: Db,
    new: CommentRow,
    before: LockedTicket,
    after: LockedTicket,
    status: str,
    *,
    closed_to_sessions: bool,
) -> None:
    """Count a message that a customer has sent on its ticket; `after` has the traits and context that came with it."""
    await db.write(
        _COUNT_OF_CUSTOMER,
        project_id=new.project_id,
        ticket_id=before.id,
        at=new.created_at,
        text=last_text(new.content),
        status=status,
        wakes=ends_snooze(status, new),
        closed_to_sessions=closed_to_sessions,
        **{name: getattr(after, name) for name in _FROM_CUSTOMER},
    )
    if after is not before:
        traits = (before.anonymous_traits, after.anonymous_traits)
        await index_ticket(db, new.project_id, before.id, *traits, before.email_subject)


async def add_to_context(db: Db, project_id: int, comment_id: UUID, more: Mapping[str, Any]) -> None:
    """Add to the context of a comment that this transaction has stored."""
    this = (comment.c.project_id == project_id, comment.c.id == comment_id)
    context = {**await context_of(db, project_id, comment_id), **more}
    await db.execute(update(comment).where(*this).values(item_context=context))


async def change_stored(db: Db, found: StoredComment, changes: Mapping[str, Any]) -> None:
    """Change columns of a comment; counters are the caller's."""
    mine = (comment.c.project_id == found.project_id, comment.c.id == found.id)
    await db.execute(update(comment).where(*mine).values(**changes))
    if "content" in changes:
        about_id = _found_under(found.scope, found.ticket_id)
        await index_text(db, found.project_id, about_id, found.id, changes["content"])


_SET_CONTEXT = Prepared(
    update(comment)
    .where(comment.c.project_id == bindparam("project_id"), comment.c.id == bindparam("comment_id"))
    .values(item_context=bindparam("context", type_=comment.c.item_context.type))
)


async def set_context(db: Db, project_id: int, comment_id: UUID, context: Mapping[str, Any]) -> None:
    """Give a locked message another context: what its channel says of it has changed."""
    await db.rows(_SET_CONTEXT, project_id=project_id, comment_id=comment_id, context=context)


def _one_less(column: Any, by: Any) -> Any:
    return case((column > by, column - by), else_=0)


_UNCOUNT = Prepared(
    update(ticket)
    .where(*THIS_TICKET)
    .values(
        message_count=_one_less(ticket.c.message_count, 1),
        unread_customer_count=_one_less(ticket.c.unread_customer_count, bindparam("unread", type_=Integer)),
        last_message_at=bindparam("at", type_=ticket.c.last_message_at.type),
        last_message_text=bindparam("text", type_=ticket.c.last_message_text.type),
    )
)


async def uncount_message(db: Db, ticket_id: UUID, gone: StoredComment) -> None:
    """Take a removed public message out of its ticket's counters."""
    last = await last_public_message(db, gone.project_id, ticket_id)
    await db.rows(
        _UNCOUNT,
        project_id=gone.project_id,
        ticket_id=ticket_id,
        unread=int(gone.is_unread_for_customer),
        at=last[0] if last else None,
        text=last_text(last[1]) if last else None,
    )
