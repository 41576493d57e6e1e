"""Whether somebody has written on a ticket before."""

from uuid import UUID

from sqlalchemy import bindparam, select

from parley.conversations.tickets.rules import CUSTOMER
from parley.conversations.tickets.tables import comment
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

_CUSTOMER_MESSAGES = Prepared(
    select(comment.c.id)
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.ticket_id == bindparam("ticket_id"),
        comment.c.author_type == CUSTOMER,
    )
    .limit(2)
)


async def customer_message_count(db: Db, project_id: int, ticket_id: UUID) -> int:
    """Return whether the customer has written never, once or (2) more often, deleted messages included.

    Served by ix_comment_ticket.
    """
    return len(await db.rows(_CUSTOMER_MESSAGES, project_id=project_id, ticket_id=ticket_id))
