"""Deliveries: made from events and by hand, and forgotten in the end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, tuple_, update

from parley.accounts.projects.actions.audit import record_in_project
from parley.integrations.webhooks import rules
from parley.integrations.webhooks.actions.delivery_queue import send_at_once, send_when_due
from parley.integrations.webhooks.queries.deliveries import (
    delivery_by_id,
    delivery_under_way,
    expired,
    outdated,
)
from parley.integrations.webhooks.queries.endpoints import (
    endpoint_by_id,
    endpoint_locked,
    endpoints_locked,
)
from parley.integrations.webhooks.queries.listeners import listeners
from parley.integrations.webhooks.schemas import DeliveryOut
from parley.integrations.webhooks.tables import PENDING, webhook_delivery
from parley.kernel.database.bulk import InsertMany
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.ids import new_uuid
from parley.kernel.network.webhook_messages import message_text, without_secrets
from parley.kernel.services import Services
from parley.kernel.text.json_text import read_json

BATCH = 1000
GIVEN_UP_REASON = "Given up: the webhook was paused or switched off for two days."


class WebhookMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be delivered; `text` is the body."""

    event: str
    event_id: UUID
    text: str
    ticket_id: UUID | None = None
    replay_of: UUID | None = None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery to be stored."""

    project_id: int
    endpoint_id: UUID
    id: UUID
    message: WebhookMessage
    at: datetime

    def row(self) -> dict[str, Any]:
        """Return the columns of its row."""
        return {
            "project_id": self.project_id,
            "id": self.id,
            "endpoint_id": self.endpoint_id,
            "event": self.message.event,
            "event_id": self.message.event_id,
            "ticket_id": self.message.ticket_id,
            "payload": self.message.text,
            "state": "pending",
            "attempts": 0,
            "next_at": self.at,
            "replay_of": self.message.replay_of,
            "created_at": self.at,
        }


_COLUMNS = (
    "project_id",
    "id",
    "endpoint_id",
    "event",
    "event_id",
    "ticket_id",
    "payload",
    "state",
    "attempts",
    "next_at",
    "replay_of",
    "created_at",
)
_INSERT = InsertMany(webhook_delivery, _COLUMNS)


async def deliver_event(db: Db, project_id: int, event: Mapping[str, Any]) -> None:
    """Make a delivery of a captured event for each endpoint that wants it, at the end of the transaction."""
    db.before_commit(_deliver_all, (project_id, event))


async def _deliver_all(db: Db, events: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Make the deliveries of many events: a few statements for all of a project."""
    known = {project_id: await listeners(db, project_id) for project_id in {one[0] for one in events}}
    made = []
    for project_id, event in events:
        ids = [id for id, names in known[project_id] if rules.wants(names, event["event"])]
        if ids:
            message, at = _message(project_id, event), datetime.fromisoformat(event["timestamp"])
            for id in ids:
                made.append(
                    Made(project_id=project_id, endpoint_id=id, id=new_uuid(), message=message, at=at)
                )
    if made:
        await _store(db, made)


def _message(project_id: int, event: Mapping[str, Any]) -> WebhookMessage:
    about = {"id": event["uuid"], "project_id": project_id, "distinct_id": event["distinct_id"]}
    return WebhookMessage(
        event=event["event"],
        event_id=UUID(event["uuid"]),
        text=message_text(event["event"], event["timestamp"], {**about, "properties": event["properties"]}),
        ticket_id=rules.ticket_of(event["properties"]),
    )


async def send_test(db: Db, services: Services, project_id: int, endpoint_id: UUID) -> DeliveryOut:
    """Send a message of type `webhook.test`, whatever the endpoint listens to; raises NotFound and Invalid."""
    event_id, now = new_uuid(), services.clock.now()
    at = now.isoformat().replace("+00:00", "Z")
    text = message_text(rules.TEST_EVENT, at, {"id": str(event_id), "project_id": project_id})
    message = WebhookMessage(event=rules.TEST_EVENT, event_id=event_id, text=text)
    return await _add_by_hand(db, services, project_id, endpoint_id, message, now)


async def replay(
    db: Db, services: Services, project_id: int, endpoint_id: UUID, delivery_id: UUID
) -> DeliveryOut:
    """Send a message again: another delivery with the same `webhook-id`; raises NotFound and Invalid.

    While the message is on its way to the endpoint, that delivery is returned, and it is sent now if it waits.
    """
    # Held, so that of requests at once each finds what the one before it has made.
    await endpoint_locked(db, project_id, endpoint_id)
    old = await delivery_by_id(db, project_id, endpoint_id, delivery_id)
    text = bytes(old.payload).decode()
    if text == rules.ERASED:
        raise Invalid("What was sent has been erased, so that it can't be sent again.", code="erased")
    under_way = await delivery_under_way(db, project_id, endpoint_id, old.event_id)
    if under_way is not None and (await endpoint_by_id(db, project_id, endpoint_id)).enabled:
        return await _sent_now(db, services, project_id, endpoint_id, under_way)
    about = rules.ticket_of(read_json(text)["data"].get("properties"))
    message = WebhookMessage(
        event=old.event, event_id=old.event_id, text=text, ticket_id=about, replay_of=old.id
    )
    return await _add_by_hand(db, services, project_id, endpoint_id, message, services.clock.now())


async def _sent_now(
    db: Db, services: Services, project_id: int, endpoint_id: UUID, delivery_id: UUID
) -> DeliveryOut:
    c, now = webhook_delivery.c, services.clock.now()
    waits = (c.project_id == project_id, c.id == delivery_id, PENDING, c.next_at > now)
    await db.execute(update(webhook_delivery).where(*waits).values(next_at=now))
    await send_when_due(db, project_id, endpoint_id, now)
    return await delivery_by_id(db, project_id, endpoint_id, delivery_id)


async def _add_by_hand(
    db: Db, services: Services, project_id: int, endpoint_id: UUID, message: WebhookMessage, now: datetime
) -> DeliveryOut:
    endpoint = await endpoint_by_id(db, project_id, endpoint_id)
    if not endpoint.enabled:
        raise Invalid(rules.SWITCHED_OFF, code="webhook_disabled")
    made = Made(project_id=project_id, endpoint_id=endpoint_id, id=new_uuid(), message=message, at=now)
    await _store(db, [made])
    action = "webhook.replayed" if message.replay_of else "webhook.tested"
    target = ("webhook", str(endpoint_id), without_secrets(endpoint.url))
    await record_in_project(db, services, project_id, action, target=target, after={"event": message.event})
    return await delivery_by_id(db, project_id, endpoint_id, made.id)


async def _store(db: Db, made: Sequence[Made]) -> None:
    """Store deliveries and have them sent, whatever caused them: a few statements for all. Deleted endpoints get none."""
    endpoints = await endpoints_locked(db, {(one.project_id, one.endpoint_id) for one in made})
    known = {(row.project_id, row.id) for row in endpoints}
    rows = [one.row() for one in made if (one.project_id, one.endpoint_id) in known]
    await _INSERT.run(db, [[row[column] for column in _COLUMNS] for row in rows])
    for row in endpoints:
        await send_at_once(db, row, made[-1].at)


async def give_up_old(db: Db, now: datetime) -> int:
    """Let deliveries fail that wait for too long, at most a batch; return how many. Safe to run twice."""
    c = webhook_delivery.c
    old = await expired(db, now - rules.GIVEN_UP_AFTER, BATCH)
    if old:
        mine = tuple_(c.project_id, c.id).in_(old)
        over = {"state": "failed", "next_at": None, "finished_at": now, "last_error": GIVEN_UP_REASON}
        await db.execute(update(webhook_delivery).where(mine, PENDING).values(over))
    return len(old)


async def forget_old(db: Db, now: datetime) -> int:
    """Delete deliveries that are not kept any longer, at most a batch; return how many. Safe to run twice."""
    c = webhook_delivery.c
    old = await outdated(db, now - rules.DELIVERIES_KEPT_FOR, BATCH)
    if old:
        await db.execute(delete(webhook_delivery).where(tuple_(c.project_id, c.id).in_(old)))
    return len(old)
