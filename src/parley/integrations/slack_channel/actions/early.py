"""Edits and removals that come before the message that they are about: kept for as long as Slack may send it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import update

from parley.integrations.slack_channel.queries.events import StoredEvent, early_events, placed_message
from parley.integrations.slack_channel.rules.events import SlackEvent, SlackMessage, is_older
from parley.integrations.slack_channel.tables import EARLY, slack_event
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

STILL_COMES = timedelta(hours=2)
"""Slack sends an event for the last time an hour after it has happened."""
NEVER_CAME = "The message that it is about is no message here."


class EarlyChanges(msgspec.Struct, frozen=True):
    """What was kept about a message, oldest first."""

    events: Sequence[StoredEvent] = ()

    @property
    def ids(self) -> set[object]:
        return {one.id for one in self.events}

    def applied_to(self, message: SlackMessage) -> SlackMessage | None:
        """Return a message as its author has changed it since; None for one that was removed."""
        for one in self.events:
            change = msgspec.convert(one.event, SlackEvent)
            if change.message is None:
                return None
            if not is_older(change.message.edited_ts, message.edited_ts):
                said = {"text": change.message.text, "edited_ts": change.message.edited_ts}
                message = msgspec.structs.replace(message, **said)
        return message


async def keep_if_early(db: Db, one: StoredEvent, event: SlackEvent, now: datetime) -> bool:
    """Keep a change of a message that may still come; say whether it is kept. For the turn of who places messages."""
    is_recent = now.timestamp() - float(event.ts) < STILL_COMES.total_seconds()
    if not is_recent or await placed_message(db, one.project_id, event.channel_id, event.ts) is not None:
        return False
    this = (slack_event.c.project_id == one.project_id, slack_event.c.id == one.id)
    await db.execute(update(slack_event).where(*this).values(state="early", root_ts=event.ts))
    return True


async def early_changes(services: Services, project_id: int, message: SlackMessage) -> EarlyChanges:
    """Return what was kept about a message. Has a transaction of its own."""
    async with services.database.transaction(write=False) as db:
        return EarlyChanges(await early_events(db, project_id, message.channel_id, message.ts))


async def forget_early(db: Db, now: datetime) -> None:
    """Forget the words of changes whose message never came."""
    old = (EARLY, slack_event.c.received_at < now - STILL_COMES)
    values = {"state": "ignored", "detail": NEVER_CAME, "event": {}}
    await db.execute(update(slack_event).where(*old).values(values))
