"""Deliveries: made from events, attempted, recorded, and forgotten in the end."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, and_, delete, insert, tuple_, update

from parley.kernel.clock import Clock
from parley.kernel.db import Db
from parley.kernel.errors import Invalid
from parley.kernel.ids import new_uuid
from parley.kernel.outbound import CallFailed, Outbound, OutgoingRequest, Refused, Reply
from parley.webhooks import rules
from parley.webhooks.actions.lane import call, leave
from parley.webhooks.actions.listening import note_listening
from parley.webhooks.queries import (
    delivery_by_id,
    endpoint_by_id,
    endpoint_key,
    endpoint_locked,
    expired,
    listeners,
    outdated,
)
from parley.webhooks.rules import Outcome
from parley.webhooks.schemas import DeliveryOut, Due, Sending
from parley.webhooks.tables import PENDING, webhook_delivery, webhook_endpoint

BATCH = 1000
GONE_REASON = "The endpoint answered 410 Gone."
GIVEN_UP_REASON = "Given up: the webhook was paused or switched off for two days."


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be delivered; `text` is the body."""

    event: str
    event_id: UUID
    text: str
    ticket_id: UUID | None = None
    replay_of: UUID | None = None


async def deliver_event(db: Db, project_id: int, event: Mapping[str, Any]) -> int:
    """Make a delivery of a captured event for each endpoint that wants it; return for how many that was."""
    ids, at = await listeners(db, project_id, event["event"]), datetime.fromisoformat(event["timestamp"])
    if ids:
        about = {"id": event["uuid"], "project_id": project_id, "distinct_id": event["distinct_id"]}
        data = {**about, "properties": event["properties"]}
        text = rules.message_text(event["event"], event["timestamp"], data)
        message = Message(
            event=event["event"],
            event_id=UUID(event["uuid"]),
            text=text,
            ticket_id=rules.ticket_of(event["properties"]),
        )
        for endpoint_id in ids:
            await _add(db, project_id, endpoint_id, message, at)
    return len(ids)


async def send_test(db: Db, clock: Clock, project_id: int, endpoint_id: UUID) -> DeliveryOut:
    """Send a message of type `webhook.test`, whatever the endpoint listens to; raises NotFound and Invalid."""
    event_id, now = new_uuid(), clock.now()
    at = now.isoformat().replace("+00:00", "Z")
    text = rules.message_text(rules.TEST_EVENT, at, {"id": str(event_id), "project_id": project_id})
    message = Message(event=rules.TEST_EVENT, event_id=event_id, text=text)
    return await _add_by_hand(db, project_id, endpoint_id, message, now)


async def replay(db: Db, clock: Clock, project_id: int, endpoint_id: UUID, delivery_id: UUID) -> DeliveryOut:
    """Send a message again: another delivery with the same `webhook-id`; raises NotFound and Invalid."""
    old = await delivery_by_id(db, project_id, endpoint_id, delivery_id)
    text = bytes(old.payload).decode()
    if text == rules.ERASED:
        raise Invalid("What was sent has been erased, so that it can't be sent again.", code="erased")
    about = rules.ticket_of(msgspec.json.decode(text)["data"].get("properties"))
    message = Message(event=old.event, event_id=old.event_id, text=text, ticket_id=about, replay_of=old.id)
    return await _add_by_hand(db, project_id, endpoint_id, message, clock.now())


async def _add_by_hand(
    db: Db, project_id: int, endpoint_id: UUID, message: Message, now: datetime
) -> DeliveryOut:
    if not (await endpoint_by_id(db, project_id, endpoint_id)).enabled:
        raise Invalid("The webhook is switched off. Switch it on first.", code="webhook_disabled")
    id = await _add(db, project_id, endpoint_id, message, now)
    return await delivery_by_id(db, project_id, endpoint_id, id)


async def _add(db: Db, project_id: int, endpoint_id: UUID, message: Message, now: datetime) -> UUID:
    id = new_uuid()
    row = await endpoint_locked(db, project_id, endpoint_id)
    if row is not None:
        await db.execute(
            insert(webhook_delivery).values(
                project_id=project_id,
                id=id,
                endpoint_id=endpoint_id,
                event=message.event,
                event_id=message.event_id,
                ticket_id=message.ticket_id,
                payload=message.text,
                state="pending",
                next_at=now,
                replay_of=message.replay_of,
                created_at=now,
            )
        )
        await call(db, row, now)
    return id


async def send_batch(outbound: Outbound, clock: Clock, sending: Sending) -> Sequence[Outcome]:
    """Attempt every delivery of a batch side by side, outside of any transaction; never raises."""
    attempts = [_attempt(outbound, clock, sending, due) for due in sending.deliveries]
    return await asyncio.gather(*attempts)


async def _attempt(outbound: Outbound, clock: Clock, sending: Sending, due: Due) -> Outcome:
    now = clock.now()
    signed = rules.signed_headers(sending.secrets, str(due.event_id), now, due.payload)
    request = OutgoingRequest(
        url=sending.url,
        headers={"Content-Type": "application/json", **signed},
        body=due.payload.encode(),
        timeout_s=rules.TIMEOUT_S,
        most_bytes=rules.EXCERPT_LENGTH * 4,
    )
    try:
        return _outcome_of(await outbound.send(request), now)
    except (Refused, CallFailed) as error:
        return Outcome(error=str(error)[:500])


def _outcome_of(reply: Reply, now: datetime) -> Outcome:
    excerpt = rules.excerpt_of(reply.body)
    if 200 <= reply.status < 300:
        return Outcome(status=reply.status, excerpt=excerpt)
    error = f"The endpoint answered with status {reply.status}."
    if 300 <= reply.status < 400:
        error += " Redirects are not followed."
    wish = rules.wish_of(reply.headers, now)
    return Outcome(status=reply.status, error=error, excerpt=excerpt, retry_after=wish)


async def record_batch(
    db: Db, sending: Sending, outcomes: Sequence[Outcome], work_id: UUID, now: datetime
) -> None:
    """Note what a batch came to, at the deliveries and at the endpoint, and have the next one sent."""
    row = await endpoint_locked(db, sending.project_id, sending.endpoint_id)
    if row is None:
        return  # it was deleted meanwhile, with its deliveries
    for due, outcome in zip(sending.deliveries, outcomes, strict=True):
        await _record(db, sending.project_id, due, outcome, now)
    await _judge(db, row, outcomes, now)
    await leave(db, sending.project_id, sending.endpoint_id, work_id, now)


async def _record(db: Db, project_id: int, due: Due, outcome: Outcome, now: datetime) -> None:
    attempts = due.attempts + 1
    again = None
    if not (outcome.is_delivered or outcome.is_gone):
        again = rules.next_attempt(attempts, now, outcome.retry_after)
    state = "delivered" if outcome.is_delivered else "pending" if again else "failed"
    c = webhook_delivery.c
    # Somebody else may have recorded this attempt, if this process was taken for dead.
    one = and_(c.project_id == project_id, c.id == due.id, PENDING, c.attempts == due.attempts)
    await db.execute(
        update(webhook_delivery)
        .where(one)
        .values(
            state=state,
            attempts=attempts,
            last_status=outcome.status,
            last_error=outcome.error,
            response_excerpt=outcome.excerpt,
            next_at=again,
            finished_at=None if again else now,
        )
    )


async def _judge(db: Db, row: Row[Any], outcomes: Sequence[Outcome], now: datetime) -> None:
    """Let the endpoint rest after failures in a row, or as it asked; switch it off when it is gone."""
    failures = rules.failures_after(row.failure_count, outcomes)
    values: dict[str, Any] = {"failure_count": failures, "paused_until": None}
    if failures == 0:
        values["last_success_at"] = now
    if not all(outcome.is_delivered for outcome in outcomes):
        values["last_failure_at"] = now
    pauses = [outcome.retry_after for outcome in outcomes if outcome.retry_after]
    pauses += [pause for pause in (rules.pause_after(failures),) if pause]
    if pauses:
        values["paused_until"] = now + max(pauses)
    if any(outcome.is_gone for outcome in outcomes):
        values |= {"enabled": False, "disabled_reason": GONE_REASON}
    await db.execute(update(webhook_endpoint).where(endpoint_key(row.project_id, row.id)).values(**values))
    if "enabled" in values:
        await note_listening(db, row.project_id)


async def give_up_old(db: Db, now: datetime) -> int:
    """Let deliveries fail that wait for too long, at most a batch; return how many. Safe to run twice."""
    c = webhook_delivery.c
    old = await expired(db, now - rules.GIVEN_UP, BATCH)
    if old:
        mine = tuple_(c.project_id, c.id).in_(old)
        over = {"state": "failed", "next_at": None, "finished_at": now, "last_error": GIVEN_UP_REASON}
        await db.execute(update(webhook_delivery).where(mine, PENDING).values(over))
    return len(old)


async def forget_old(db: Db, now: datetime) -> int:
    """Delete deliveries that are not kept any longer, at most a batch; return how many. Safe to run twice."""
    c = webhook_delivery.c
    old = await outdated(db, now - rules.KEPT, BATCH)
    if old:
        await db.execute(delete(webhook_delivery).where(tuple_(c.project_id, c.id).in_(old)))
    return len(old)
