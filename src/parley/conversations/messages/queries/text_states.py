"""What became of answers that went out as text messages or into a thread in Slack, or that had no way by mail."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from parley.conversations.tickets.rules.comments import (
    DELIVERY_DETAIL_KEY,
    SLACK_DETAIL_KEY,
    SLACK_STATUS_KEY,
    SMS_DETAIL_KEY,
    SMS_STATUS_KEY,
)
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

IN_SLACK = {
    "sending": "Is being posted in Slack.",
    "sent": "Posted in Slack.",
    "failed": "Not posted in Slack.",
}
"""The same by its `slack_delivery_status`."""
_WAYS = ((SMS_STATUS_KEY, SMS_DETAIL_KEY, SENTENCES), (SLACK_STATUS_KEY, SLACK_DETAIL_KEY, IN_SLACK))

_CONTEXTS = Prepared(
    select(comment.c.id, comment.c.item_context).where(
        comment.c.project_id == bindparam("project_id"), is_one_of(comment.c.id, listed("ids", comment.c.id))
    )
)


async def text_states(
    database: Database, project_id: int, ids: Sequence[UUID]
) -> list[tuple[UUID, str, str]]:
    """Return the state of those of some messages that went out so, and a sentence about each way (primary key).

    An answer that could be mailed to nobody says so, too; what became of mails is in their own table.
    """
    rows: Sequence[Any] = await database.read(_CONTEXTS, project_id=project_id, ids=list(ids))
    found = []
    for id, context in rows:
        if not_mailed := context.get(DELIVERY_DETAIL_KEY):
            found.append((id, "failed", not_mailed))
        for status, detail, sentences in _WAYS:
            if (state := context.get(status)) in sentences:
                found.append((id, state, " ".join(filter(None, (sentences[state], context.get(detail))))))
    return found
