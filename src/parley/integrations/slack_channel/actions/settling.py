"""What became of an event."""

from typing import Any

from sqlalchemy import update

from parley.integrations.slack_channel.queries.events import StoredEvent
from parley.integrations.slack_channel.tables import slack_event
from parley.kernel.database.transaction import Db


async def settle(db: Db, one: StoredEvent, state: str, detail: str | None = None) -> None:
    """Note what became of an event, and forget what it said."""
    this = (slack_event.c.project_id == one.project_id, slack_event.c.id == one.id)
    values: dict[str, Any] = {"state": state, "detail": detail[:300] if detail else None, "event": {}}
    await db.execute(update(slack_event).where(*this).values(values))
