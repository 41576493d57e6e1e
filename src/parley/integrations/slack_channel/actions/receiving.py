"""What Slack sends is kept, once, and worked on later: Slack wants its answer within three seconds."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import CursorResult, delete

from parley.integrations.slack.queries import workspace_of_app
from parley.integrations.slack_channel.actions.early import forget_early
from parley.integrations.slack_channel.rules.events import SlackEvent
from parley.integrations.slack_channel.tables import slack_event
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.retries import call_again
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

TAKE_EVENT = "slack_channel.take_event"
QUEUE = "inbound"
KEPT_FOR = timedelta(days=7)
"""How long it is known that an event has come. Slack gives up after an hour."""


async def keep_event(services: Services, event: SlackEvent) -> None:
    """Keep an event, and have it worked on; it is durable when this returns. The same event again changes nothing.

    An event of a workspace that no project has by this app is dropped.
    """

    async def keep() -> None:
        async with services.database.transaction() as db:
            await _keep(db, services, event)

    await call_again(keep)


async def _keep(db: Db, services: Services, event: SlackEvent) -> None:
    workspace = await workspace_of_app(db, services, event.team_id, event.app_id)
    if workspace is None:
        return
    values = {
        "project_id": workspace.project_id,
        "id": new_uuid(),
        "event_id": event.event_id,
        "channel_id": event.channel_id,
        "root_ts": event.root_ts,
        "event": msgspec.to_builtins(event),
        "state": "received",
        "received_at": services.clock.now(),
    }
    adding = insert_for(db.dialect, slack_event).values(values).on_conflict_do_nothing()
    added = await db.execute(adding.returning(slack_event.c.id))
    if added.first() is not None:
        payload = {"id": str(values["id"])}
        await enqueue(db, TAKE_EVENT, payload, project_id=workspace.project_id, queue=QUEUE)


async def forget_events(db: Db, now: datetime) -> int:
    """Delete events that came long ago; return how many. What changes said whose message never came goes before."""
    await forget_early(db, now)
    gone: CursorResult[object] = await db.execute(
        delete(slack_event).where(slack_event.c.received_at < now - KEPT_FOR)
    )
    return gone.rowcount
