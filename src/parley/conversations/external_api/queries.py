"""One ticket, for the external API."""

from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import Row, select

from parley.conversations.external_api.schemas import AssigneeRef, ExternalTicket
from parley.conversations.tickets.queries.merged_ticket import merged_ticket
from parley.conversations.tickets.queries.tickets import tag_names
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

SAME = (
    "id", "number", "status", "priority", "channel_source", "channel_detail", "distinct_id", "created_at",
    "updated_at", "message_count", "last_message_at", "last_message_text", "unread_team_count",
    "unread_customer_count", "snoozed_until", "email_subject", "email_from", "email_to",
    "cc_participants", "slack_channel_id", "slack_thread_ts", "slack_team_id",
)  # fmt: skip
OWN = ("sla_due_at", "assignee_user_id", "assignee_role_id", "session_context")


async def external_ticket(db: Db, project_id: int, ticket_id: UUID | None) -> ExternalTicket:
    """Return a ticket of the project, the target of a merged one; raises NotFound for a deleted one, too."""
    row, merged = None, None
    if ticket_id is not None:
        row = await _stored_ticket(db, project_id, ticket_id)
    if row is None and ticket_id is not None:
        merged = await merged_ticket(db.rows, project_id, ticket_id)
    if merged is not None:
        row = await _stored_ticket(db, project_id, merged.last_target_id)
    if row is None:
        raise NotFound("Ticket not found")
    assignee = None
    if row.assignee_user_id is not None:
        assignee = AssigneeRef("user", row.assignee_user_id)
    elif row.assignee_role_id is not None:
        assignee = AssigneeRef("role", row.assignee_role_id)
    url = row.session_context.get("current_url")
    return ExternalTicket(
        **{name: row._mapping[name] for name in SAME},
        sla=row.sla_due_at,
        assignee=assignee,
        url=url if isinstance(url, str) else None,
        tags=await tag_names(db, project_id, row.id),
        merged_from=merged.merged_from if merged else UNSET,
    )


async def _stored_ticket(db: Db, project_id: int, ticket_id: UUID) -> Row[Any] | None:
    """Return the row of a ticket that is not deleted (primary key)."""
    columns = (ticket.c[name] for name in (*SAME, *OWN))
    mine = (ticket.c.project_id == project_id, ticket.c.id == ticket_id, ticket.c.deleted_at.is_(None))
    return (await db.execute(select(*columns).where(*mine))).first()
