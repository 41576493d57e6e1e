"""Deliveries begin: one for each occurrence, whoever looks, and however late."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert

from parley.analytics.subscription_deliveries.rules import reason_to_skip, scheduled_key
from parley.analytics.subscription_deliveries.tables import subscription_delivery
from parley.analytics.subscriptions.actions.subscriptions import disable, move_on
from parley.analytics.subscriptions.actions.telling import tell_owner
from parley.analytics.subscriptions.queries.due import due_subscriptions
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.database.bulk import InsertMany
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

PREPARE = "subscriptions.prepare"
BATCH = 200
OWNER_GONE = "Its owner is no longer an active member of the organization."
CONTENT_GONE = "What it is about was deleted."
_COLUMNS = (
    "project_id", "id", "subscription_id", "idempotency_key", "trigger_type", "scheduled_at", "target_type",
    "target_value", "target_url", "integration_id", "is_letter_stored", "status", "error", "created_at", "last_updated_at",
    "finished_at",
)  # fmt: skip
_INSERT = InsertMany(subscription_delivery, _COLUMNS)


async def start_all_due(services: Services) -> int:
    """Begin all deliveries that are due, some in each transaction; return how many. Safe to run twice at a time."""
    started = 0
    while True:
        async with services.database.transaction() as db:
            batch = await start_due(db, services)
        started += batch
        if not batch:  # one that has missed several dates is due again
            return started


async def start_due(db: Db, services: Services) -> int:
    """Begin the deliveries that are due longest, and move their subscriptions on; return how many.

    Of one that has missed several dates each is looked at, one after the other.
    """
    now = services.clock.now()
    due = await due_subscriptions(db, now, BATCH)
    rows = [_delivery(row, now) for row in due]
    await _INSERT.run(db, [[row[name] for name in _COLUMNS] for row in rows])
    await move_on(db, due)
    for subscribed, row in zip(due, rows, strict=True):
        if row["status"] == "starting":
            await ask_to_prepare(db, row["project_id"], row["id"])
        elif not subscribed.has_owner:
            await disable(db, row["project_id"], subscribed.id, OWNER_GONE, now)
            await tell_owner(db, row["project_id"], subscribed.id, None, "owner_gone", OWNER_GONE)
    return len(due)


def _delivery(row: Row[Any], now: datetime) -> dict[str, Any]:
    at: datetime = row.next_delivery_date
    error = reason_to_skip(at, now)
    if not row.has_owner:
        error = OWNER_GONE
    elif row.is_insight_deleted or row.is_dashboard_deleted:
        error = CONTENT_GONE
    return {
        "project_id": row.project_id,
        "id": new_uuid(),
        "subscription_id": row.id,
        "idempotency_key": scheduled_key(at),
        "trigger_type": "scheduled",
        "scheduled_at": at,
        "target_type": row.target_type,
        "target_value": row.target_value,
        "target_url": row.target_url,
        "integration_id": row.integration_id,
        "is_letter_stored": False,
        "status": "skipped" if error else "starting",
        "error": error,
        "created_at": now,
        "last_updated_at": now,
        "finished_at": now if error else None,
    }


async def start_test(db: Db, found: StoredSubscription, now: datetime) -> None:
    """Begin a delivery that somebody has asked for; the next date stays."""
    id = new_uuid()
    await db.execute(
        insert(subscription_delivery).values(
            project_id=found.project_id,
            id=id,
            subscription_id=found.id,
            idempotency_key=f"manual-{id.hex}",
            trigger_type="manual",
            target_type=found.target_type,
            target_value=found.target_value,
            target_url=found.target_url,
            integration_id=found.integration_id,
            is_letter_stored=False,
            status="starting",
            created_at=now,
            last_updated_at=now,
        )
    )
    await ask_to_prepare(db, found.project_id, id)


async def ask_to_prepare(db: Db, project_id: int, delivery_id: UUID) -> None:
    """Have the report of a delivery made. One that was begun before under the same key has no such delivery."""
    payload = {"delivery_id": str(delivery_id)}
    await enqueue(db, PREPARE, payload, project_id=project_id, queue="reports")
