"""A ticket is opened, perhaps with the customer's first message, which the team may want to hear of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam

from parley.conversations.search.actions import IndexedInsert
from parley.conversations.search.indexed_text import own_text
from parley.conversations.ticket_changes.actions.counters import next_number
from parley.conversations.ticket_changes.rules.events import OpenedTicket
from parley.conversations.tickets.actions.messages import customer_message, store
from parley.conversations.tickets.rules.comments import last_text
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid

NO_CONTEXT: Mapping[str, Any] = {}


class TicketRow(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a ticket that differ from one new ticket to the next."""

    project_id: int
    status: str
    channel_source: str
    channel_detail: str | None
    distinct_id: str
    widget_session_id: UUID
    identity_verified: bool | None
    anonymous_traits: dict[str, Any]
    session_id: str | None
    session_context: dict[str, Any]
    created_at: datetime
    claim_email: str | None = None
    closed_to_sessions: bool = False
    priority: str | None = None
    ai_resolved: bool = False
    escalation_reason: str | None = None
    assignee_user_id: int | None = None
    assignee_role_id: UUID | None = None
    email_subject: str | None = None
    email_from: str | None = None
    email_to: str | None = None
    email_channel_id: UUID | None = None
    slack_channel_id: str | None = None
    slack_thread_ts: str | None = None
    slack_team_id: str | None = None


_GIVEN = (
    *TicketRow.__struct_fields__, "id", "number", "message_count", "unread_team_count", "last_message_at",
    "last_message_text",
)  # fmt: skip
_INSERT = IndexedInsert(
    ticket,
    {name: bindparam(name, type_=ticket.c[name].type) for name in _GIVEN}
    | {"updated_at": bindparam("created_at", type_=ticket.c.updated_at.type)}
    | {"cc_participants": [], "unread_customer_count": 0},
)


async def insert_ticket(
    db: Db, new: TicketRow, content: str | None, context: Mapping[str, Any] = NO_CONTEXT
) -> OpenedTicket:
    """Insert a ticket, and count it, with the customer's first message if there is one, which has this context."""
    id = new_uuid()
    number = await next_number(db, new.project_id, new.status)
    n_messages = int(content is not None)
    await _INSERT.run(
        db,
        id,
        own_text(new.anonymous_traits, new.email_subject),
        **msgspec.structs.asdict(new),
        id=id,
        number=number,
        message_count=n_messages,
        unread_team_count=n_messages,
        last_message_at=new.created_at if content is not None else None,
        last_message_text=last_text(content) if content is not None else None,
    )
    message_id = None
    if content is not None:
        about = {"distinct_id": new.distinct_id, **context}
        first = customer_message(new.project_id, id, content, new.created_at, about)
        message_id = await store(db, first)
    return OpenedTicket(
        id=id,
        number=number,
        message_id=message_id,
        status=new.status,
        priority=new.priority,
        distinct_id=new.distinct_id,
        anonymous_traits=new.anonymous_traits,
        channel_source=new.channel_source,
        channel_detail=new.channel_detail,
        assignee_user_id=new.assignee_user_id,
        assignee_role_id=new.assignee_role_id,
        email_from=new.email_from,
    )
