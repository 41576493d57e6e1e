"""Mails that are due, with everything that is in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Integer, and_, bindparam, case, func, not_, or_, select

from parley.accounts.users.tables import user_account
from parley.conversations.tickets.rules.comments import CUSTOMER
from parley.conversations.tickets.tables import comment, ticket
from parley.email.outbound.tables import (
    WAITING,
    outbound_email,
    outbound_email_message,
    outbound_recipient,
)
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db


class DueEmail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that this process has begun to send for the `attempts`th time."""

    id: UUID
    ticket_id: UUID
    kind: str
    channel_id: UUID
    message_id: str
    in_reply_to: str | None
    thread_ids: list[str]
    subject: str
    attempts: int
    created_at: datetime


class DueRecipient(msgspec.Struct, frozen=True):
    """Somebody who has not got a mail yet, or has: then they are named in it all the same."""

    email_id: UUID
    address: str
    kind: str
    state: str


class DueMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message in a mail, as it is now; `is_unread` says whether the widget hasn't shown it."""

    email_id: UUID
    id: UUID
    ticket_id: UUID
    content: str
    rich_content: Any
    author_type: str
    item_context: dict[str, Any]
    first_name: str | None
    last_name: str | None
    created_at: datetime
    is_gone: bool
    is_unread: bool


class TakenEmail(msgspec.Struct, frozen=True):
    """A mail to be sent now, with the messages that it still has to say, and everybody whom it is for."""

    email: DueEmail
    messages: Sequence[DueMessage]
    recipients: Sequence[DueRecipient]


EMAIL = StructColumns(DueEmail, outbound_email)
_r, _m, _e = outbound_recipient.c, outbound_email_message.c, outbound_email.c
_OF: Any = bindparam("project_id")
IS_DUE = (_e.project_id == _OF, WAITING, _e.next_at <= bindparam("now", type_=_e.next_at.type))
FIRST_DUE = (
    select(_e.id)
    .where(*IS_DUE, not_(is_one_of(_e.id, listed("in_hand", _e.id))))
    .order_by(_e.next_at, _e.id)
    .limit(bindparam("limit", type_=Integer))
)
"""The mails of a project that are due, the longest first, without those `in_hand` (ix_outbound_email_due)."""
_RECIPIENT = StructColumns(DueRecipient, outbound_recipient)
_RECIPIENTS = Prepared(
    select(*_RECIPIENT.columns)
    .where(_r.project_id == _OF, is_one_of(_r.email_id, listed("ids", _r.email_id)))
    .order_by(_r.email_id, _r.kind.desc(), _r.address)
)


async def recipients_of_emails(
    db: Db, project_id: int, ids: Sequence[UUID]
) -> dict[UUID, list[DueRecipient]]:
    """Return the recipients of some mails, the addressee first (primary key)."""
    found: dict[UUID, list[DueRecipient]] = {id: [] for id in ids}
    for row in await db.rows(_RECIPIENTS, project_id=project_id, ids=list(ids)):
        one = _RECIPIENT(row)
        found[one.email_id].append(one)
    return found


_later = comment.alias("later")
# The unread messages of a ticket are the last ones of the team (docs/merging.md).
_N_LATER = (
    select(func.count())
    .where(
        _later.c.project_id == comment.c.project_id,
        _later.c.ticket_id == comment.c.ticket_id,
        _later.c.created_at >= comment.c.created_at,
        _later.c.deleted.is_(False),
        _later.c.is_private.is_(False),
        _later.c.author_type != CUSTOMER,
        _later.c.created_by.is_not(None),
    )
    .correlate(comment)
    .scalar_subquery()
)
_MESSAGE = StructColumns(
    DueMessage,
    comment,
    email_id=_m.email_id,
    first_name=user_account.c.first_name,
    last_name=user_account.c.last_name,
    is_gone=or_(comment.c.deleted, comment.c.is_private, ticket.c.deleted_at.is_not(None)),
    is_unread=case((_e.kind == "unread", ticket.c.unread_customer_count >= _N_LATER), else_=False),
)
_MESSAGES = Prepared(
    select(*_MESSAGE.columns)
    .select_from(
        outbound_email_message.join(
            outbound_email, and_(_e.project_id == _m.project_id, _e.id == _m.email_id)
        )
        .join(comment, and_(comment.c.project_id == _m.project_id, comment.c.id == _m.comment_id))
        .join(ticket, and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == comment.c.ticket_id))
        .outerjoin(user_account, user_account.c.id == comment.c.created_by)
    )
    .where(_m.project_id == _OF, is_one_of(_m.email_id, listed("ids", _m.email_id)))
    .order_by(comment.c.created_at, comment.c.id)
)


async def messages_of_emails(db: Db, project_id: int, ids: Sequence[UUID]) -> dict[UUID, list[DueMessage]]:
    """Return the messages in some mails, oldest first (primary keys, ix_comment_ticket)."""
    found: dict[UUID, list[DueMessage]] = {id: [] for id in ids}
    for row in await db.rows(_MESSAGES, project_id=project_id, ids=list(ids)):
        one = _MESSAGE(row)
        found[one.email_id].append(one)
    return found
