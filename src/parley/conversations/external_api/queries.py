"""One ticket, for the external API."""

from uuid import UUID

from msgspec import UNSET
from sqlalchemy import bindparam, select

from parley.conversations.external_api.schemas import AssigneeRef, ExternalTicket
from parley.conversations.tickets.queries.merged import merged_ticket
from parley.conversations.tickets.queries.tickets import tag_names
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

SAME = (
    "id", "number", "status", "priority", "channel_source", "channel_detail", "distinct_id", "created_at",
    "updated_at", "message_count", "last_message_at", "last_message_text", "unread_team_count",
    "unread_customer_count", "snoozed_until", "email_subject", "email_from", "cc_participants",
)  # fmt: skip
OWN = ("sla_due_at", "assignee_user_id", "assignee_role_id", "session_context")

# Served by the primary key.
_TICKET = Prepared(
    select(*(ticket.c[name] for name in (*SAME, *OWN))).where(
        ticket.c.project_id == bindparam("project_id"),
        ticket.c.id == bindparam("ticket_id"),
        ticket.c.deleted_at.is_(None),
    )
)


async def external_ticket(db: Db, project_id: int, ticket_id: UUID | None) -> ExternalTicket:
    """Return a ticket of the project, the survivor of a merged one; raises NotFound for a deleted one, too."""
    row, merged = None, None
    if ticket_id is not None:
        row = await db.row(_TICKET, project_id=project_id, ticket_id=ticket_id)
    if row is None and ticket_id is not None:
        merged = await merged_ticket(db.rows, project_id, ticket_id)
    if merged is not None:
        row = await db.row(_TICKET, project_id=project_id, ticket_id=merged.last_target_id)
    if row is None:
        raise NotFound("Ticket not found")
    sla, user_id, role_id, context = row[len(SAME) :]
    assignee = None
    if user_id is not None:
        assignee = AssigneeRef("user", user_id)
    elif role_id is not None:
        assignee = AssigneeRef("role", role_id)
    url = context.get("current_url")
    return ExternalTicket(
        **dict(zip(SAME, row, strict=False)),
        sla=sla,
        assignee=assignee,
        url=url if isinstance(url, str) else None,
        tags=await tag_names(db, project_id, row[0]),
        merged_from=merged.merged_from if merged else UNSET,
    )
