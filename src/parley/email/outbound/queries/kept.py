"""Mails of a ticket that are kept, since they are from a test address."""

from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, select

from parley.email.outbound.queries.due import (
    EMAIL,
    TakenEmail,
    messages_of_emails,
    recipients_of_emails,
)
from parley.email.outbound.tables import outbound_email
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

MOST = 10

_e = outbound_email.c
_KEPT = Prepared(
    select(*EMAIL.columns)
    .where(
        _e.project_id == bindparam("project_id"),
        _e.ticket_id == bindparam("ticket_id"),
        _e.channel_id == bindparam("channel_id"),
        _e.state == "sent",
    )
    .order_by(_e.created_at.desc(), _e.id)
    .limit(bindparam("limit", type_=Integer))
)


async def kept_emails(db: Db, project_id: int, ticket_id: UUID, channel_id: UUID) -> list[TakenEmail]:
    """Return the latest mails of a ticket from a test address, newest first, with what is left of their messages.

    A message that was moved to another ticket is left out: not everybody who sees this ticket may see that one. Served by
    ix_outbound_email_ticket.
    """
    which: dict[str, Any] = {"ticket_id": ticket_id, "channel_id": channel_id, "limit": MOST}
    emails = [EMAIL(row) for row in await db.rows(_KEPT, project_id=project_id, **which)]
    ids = [one.id for one in emails]
    messages = await messages_of_emails(db, project_id, ids)
    recipients = await recipients_of_emails(db, project_id, ids)
    found = [
        TakenEmail(
            one,
            [said for said in messages[one.id] if not said.is_gone and said.ticket_id == ticket_id],
            recipients[one.id],
        )
        for one in emails
    ]
    return [one for one in found if one.messages]
