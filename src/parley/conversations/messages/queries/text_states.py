"""What became of answers that went out as text messages."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from parley.conversations.tickets.rules.comments import SMS_DETAIL_KEY, SMS_STATUS_KEY
from parley.conversations.tickets.tables import comment
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared

SENTENCES = {
    "sending": "Is being sent as a text message.",
    "sent": "Sent as a text message.",
    "delivered": "Delivered as a text message.",
    "failed": "Not delivered as a text message.",
}
"""What is said of an answer by its `sms_delivery_status` (docs/tickets.md)."""

_CONTEXTS = Prepared(
    select(comment.c.id, comment.c.item_context).where(
        comment.c.project_id == bindparam("project_id"), is_one_of(comment.c.id, listed("ids", comment.c.id))
    )
)


async def text_states(
    database: Database, project_id: int, ids: Sequence[UUID]
) -> dict[UUID, tuple[str, str]]:
    """Return the state of those of some messages that went out as text messages, and a sentence about it (primary key)."""
    rows: Sequence[Any] = await database.read(_CONTEXTS, project_id=project_id, ids=list(ids))
    said = [
        (id, context[SMS_STATUS_KEY], context.get(SMS_DETAIL_KEY))
        for id, context in rows
        if SMS_STATUS_KEY in context
    ]
    return {id: (state, " ".join(filter(None, (SENTENCES[state], detail)))) for id, state, detail in said}
