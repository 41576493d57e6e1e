"""What became of deliveries: at each recipient, of the whole, and what follows for the subscription."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from parley.analytics.subscription_deliveries.queries.deliveries import (
    delivery_key,
    open_delivery,
    recipients_of,
)
from parley.analytics.subscription_deliveries.rules import MOST_FAILURES
from parley.analytics.subscription_deliveries.schemas import OpenDelivery, Status
from parley.analytics.subscription_deliveries.tables import subscription_delivery, subscription_recipient
from parley.analytics.subscriptions.actions.subscriptions import disable, note_outcome
from parley.analytics.subscriptions.actions.telling import tell_owner
from parley.analytics.subscriptions.queries.subscriptions import subscription_or_none
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

TOO_OFTEN = "{} deliveries in a row have failed, the last one so: {}"


async def record_result(
    db: Db,
    services: Services,
    key: tuple[int, UUID, int],
    error: str | None,
    *,
    attempts: int,
    is_gone: bool = False,
) -> None:
    """Note that a recipient was reached, or why not; the last one ends the delivery. Safe to run twice.

    With `is_gone` there is nobody at the target any more: the subscription is switched off.
    """
    project_id, delivery_id, number = key
    delivery = await open_delivery(db, project_id, delivery_id, is_held=True)
    if delivery is None:
        return
    now, r = services.clock.now(), subscription_recipient.c
    values = {
        "status": "failed" if error else "success",
        "error": error,
        "attempts": attempts,
        "updated_at": now,
    }
    mine = (r.project_id == project_id, r.delivery_id == delivery_id, r.number == number)
    await db.execute(update(subscription_recipient).where(*mine, r.status == "pending").values(**values))
    results = await recipients_of(db, project_id, delivery_id)
    if any(one.status == "pending" for one in results):
        moment = {"last_updated_at": now}
        await db.execute(
            update(subscription_delivery).where(delivery_key(project_id, delivery_id)).values(moment)
        )
        return
    errors = [f"{one.recipient}: {one.error}" for one in results if one.error]
    text = (
        f"{len(errors)} of {len(results)} recipients were not reached. {errors[0]}"[:1000] if errors else None
    )
    status: Status = "failed" if len(errors) == len(results) else "completed"
    await finish(db, services, delivery, status, text)
    if is_gone and error:
        await _switch_off(db, delivery, error, now)


async def note_attempt(
    db: Db, services: Services, key: tuple[int, UUID, int], error: str, *, attempts: int
) -> None:
    """Note why a recipient was not reached yet, so that it is seen while it is tried again. Safe to run twice."""
    project_id, delivery_id, number = key
    r = subscription_recipient.c
    mine = (r.project_id == project_id, r.delivery_id == delivery_id, r.number == number)
    values = {"error": error, "attempts": attempts, "updated_at": services.clock.now()}
    await db.execute(update(subscription_recipient).where(*mine, r.status == "pending").values(**values))


async def note_begun(db: Db, key: tuple[int, UUID, int], attempts: int) -> None:
    """Note that an attempt begins, after which the other side may have the message. Safe to run twice."""
    project_id, delivery_id, number = key
    r = subscription_recipient.c
    mine = (r.project_id == project_id, r.delivery_id == delivery_id, r.number == number)
    await db.execute(
        update(subscription_recipient).where(*mine, r.status == "pending").values(attempts=attempts)
    )


async def finish(
    db: Db, services: Services, delivery: OpenDelivery, status: Status, error: str | None
) -> None:
    """End a delivery, and count what that means for its subscription: a test counts for nothing."""
    now = services.clock.now()
    mine = delivery_key(delivery.project_id, delivery.id)
    values = {"status": status, "error": error, "last_updated_at": now, "finished_at": now}
    ended = update(subscription_delivery).where(mine, subscription_delivery.c.status == "starting")
    if (await db.execute(ended.values(**values))).rowcount and status != "skipped":
        await _judge(db, delivery, status, error, now)


async def _judge(db: Db, delivery: OpenDelivery, status: Status, error: str | None, now: datetime) -> None:
    project_id, id = delivery.project_id, delivery.subscription_id
    is_delivered, counts = status == "completed", delivery.trigger_type == "scheduled"
    n_failures = await note_outcome(
        db, project_id, id, now, error=error, is_delivered=is_delivered, counts=counts
    )
    if counts and not is_delivered:
        await _tell(db, delivery, n_failures, error or "", now)


async def _tell(db: Db, delivery: OpenDelivery, n_failures: int, error: str, now: datetime) -> None:
    """Tell the owner of the first failure in a row, and switch the subscription off after the fifth."""
    found = await subscription_or_none(db, delivery.project_id, delivery.subscription_id)
    if found is None or not found.enabled:
        return
    if n_failures >= MOST_FAILURES:
        await _switch_off(db, delivery, TOO_OFTEN.format(n_failures, error), now)
    elif n_failures == 1:
        owner = found.created_by.id if found.created_by else None
        await tell_owner(db, found.project_id, found.id, owner, "failing", error)


async def _switch_off(db: Db, delivery: OpenDelivery, reason: str, now: datetime) -> None:
    found = await subscription_or_none(db, delivery.project_id, delivery.subscription_id)
    if found is None or not found.enabled:
        return
    await disable(db, found.project_id, found.id, reason, now)
    owner = found.created_by.id if found.created_by else None
    await tell_owner(db, found.project_id, found.id, owner, "disabled", reason)
