"""Background work of webhooks."""

from datetime import datetime, timedelta
from uuid import UUID

from parley.integrations.webhooks.actions.deliveries import deliver_event, forget_old, give_up_old
from parley.integrations.webhooks.actions.delivery_queue import (
    DELIVER,
    FARTHEST,
    bring_forward,
    find_lost,
)
from parley.integrations.webhooks.actions.erasure import erase_payloads
from parley.integrations.webhooks.actions.sending import send_due
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import (
    Event,
    Work,
    job,
    on,
    work,
)
from parley.kernel.services import Services


@on("project.event_captured", "webhooks.jobs.deliver_to_endpoints")
async def deliver_to_endpoints(db: Db, _: Services, event: Event) -> None:
    """Make a delivery for each webhook that listens to the event.

    The payload is `{event, distinct_id, properties, timestamp, uuid}`, the timestamp in ISO 8601 with its zone. It is
    emitted in the transaction of what it tells of, and only for projects that have a webhook that is switched on.
    """
    await deliver_event(db, event.project_id, event.payload)


@on("ticket.purged", "webhooks.jobs.forget_purged_tickets")
async def forget_purged_tickets(db: Db, _: Services, event: Event) -> None:
    """Delete the contents of deliveries about purged tickets; the log still says that they were sent."""
    ids = [UUID(id) for id in event.payload["ticket_ids"]]
    await erase_payloads(db, event.project_id, ids, datetime.fromisoformat(event.payload["at"]))


@work(DELIVER, timeout_s=60, ahead_s=FARTHEST.total_seconds())
async def deliver(services: Services, work: Work) -> None:
    """Send what is due for one webhook. After a crash a message may be sent again, under the same `webhook-id`."""
    await send_due(services, work)


@on("clock.set_back", "webhooks.jobs.look_at_due_times_again")
async def look_at_due_times_again(db: Db, _: Services, event: Event) -> None:
    """Send now what was postponed, because the clock was set back and its time might come much too late."""
    await bring_forward(db, datetime.fromisoformat(event.payload["at"]))


@job("webhooks.tidy_deliveries", every=timedelta(hours=1), deletes=True)
async def tidy_deliveries(db: Db, services: Services) -> int:
    """Give up deliveries that wait for too long, delete old ones, find lost work. Safe to run twice."""
    now = services.clock.now()
    return await give_up_old(db, now) + await forget_old(db, now) + await find_lost(db, now)
