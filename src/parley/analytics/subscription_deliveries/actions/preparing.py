"""The report of a delivery is made, once, and then goes to each recipient by itself."""

from uuid import UUID

from sqlalchemy import insert, update

from parley.analytics.reports.schemas import Report
from parley.analytics.subscription_deliveries.actions.finishing import finish
from parley.analytics.subscription_deliveries.letters import store_letter
from parley.analytics.subscription_deliveries.queries.deliveries import delivery_key, open_delivery
from parley.analytics.subscription_deliveries.rules import PREPARING_RETRIES_S
from parley.analytics.subscription_deliveries.schemas import OpenDelivery
from parley.analytics.subscription_deliveries.shared_letters import shared_letter
from parley.analytics.subscription_deliveries.tables import subscription_delivery, subscription_recipient
from parley.analytics.subscriptions.queries.subscriptions import subscription_or_none
from parley.analytics.subscriptions.rules.targets import listed_addresses
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, enqueue
from parley.kernel.services import Services

SEND_MAIL, CALL = "subscriptions.send_mail", "subscriptions.call"
POST = "subscriptions.post_in_channel"
"""To a channel of a connected Slack workspace, which is work of a feature above."""
EMPTY = "There was nothing to show, and such reports are not wanted."
NO_RECIPIENT = "There is nobody left to send it to."


async def prepare(services: Services, work: Work) -> None:
    """Make and keep the report of a delivery, and have it sent; what fails for good fails the delivery."""
    id = UUID(work.payload["delivery_id"])
    async with services.database.transaction(write=False) as db:
        delivery = await open_delivery(db, work.project_id, id)
        if delivery is None or delivery.is_letter_stored:
            return
        found = await subscription_or_none(db, work.project_id, delivery.subscription_id)
    if found is None:
        return
    try:
        letter = await shared_letter(services, found, delivery)
        await store_letter(services, delivery, letter)
    except Exception as error:
        if work.attempts < len(PREPARING_RETRIES_S):
            raise
        async with services.database.transaction() as db:
            await finish(db, services, delivery, "failed", f"The report could not be made: {error}"[:500])
        return
    async with services.database.transaction() as db:
        await _send(db, services, found, id, letter)


async def _send(db: Db, services: Services, found: StoredSubscription, id: UUID, letter: Report) -> None:
    delivery = await open_delivery(db, found.project_id, id, is_held=True)
    if delivery is None or delivery.is_letter_stored:
        return
    recipients = _recipients(delivery)
    if not recipients or (letter.is_empty and found.skip_if_empty):
        await finish(db, services, delivery, "skipped", EMPTY if recipients else NO_RECIPIENT)
        return
    now = services.clock.now()
    values = {"is_letter_stored": True, "content_snapshot": _snapshot(found), "last_updated_at": now}
    await db.execute(update(subscription_delivery).where(delivery_key(found.project_id, id)).values(**values))
    rows = [
        {
            "project_id": found.project_id,
            "delivery_id": id,
            "number": number,
            "recipient": recipient,
            "status": "pending",
            "attempts": 0,
            "updated_at": now,
        }
        for number, recipient in enumerate(recipients)
    ]
    await db.execute(insert(subscription_recipient), rows)
    called = CALL if delivery.integration_id is None else POST
    name, queue = (SEND_MAIL, "mail") if delivery.target_type == "email" else (called, "webhooks")
    for number in range(len(recipients)):
        payload = {"delivery_id": str(id), "number": number}
        await enqueue(db, name, payload, project_id=found.project_id, queue=queue)


def _recipients(delivery: OpenDelivery) -> list[str]:
    if delivery.target_type == "email":
        return listed_addresses(delivery.target_value)
    return [delivery.target_value]


def _snapshot(found: StoredSubscription) -> dict[str, object]:
    return {
        "kind": found.kind,
        "id": found.insight_id or found.dashboard_id,
        "short_id": found.insight_short_id,
        "name": found.resource_name,
        "title": found.title,
    }
