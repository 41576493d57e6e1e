"""Deliveries that hang, and those whose time is over."""

from datetime import datetime

from sqlalchemy import delete, tuple_, update

from parley.analytics.subscription_deliveries.actions.finishing import finish
from parley.analytics.subscription_deliveries.letters import KIND
from parley.analytics.subscription_deliveries.queries.deliveries import open_delivery
from parley.analytics.subscription_deliveries.queries.old import (
    deliveries_with_letters,
    hung_deliveries,
    older_deliveries,
)
from parley.analytics.subscription_deliveries.rules import GIVEN_UP_AFTER, KEPT_FOR, LETTERS_KEPT_FOR
from parley.analytics.subscription_deliveries.tables import subscription_delivery
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services
from parley.kernel.storage.keys import object_key

BATCH, MOST_FORGOTTEN = 500, 5000
HUNG = "It was not done within a day, and was given up."
c = subscription_delivery.c


async def forget_skipped(db: Db, now: datetime) -> None:
    """Delete what says that dates were skipped which are still to come: the clock was wrong then."""
    await db.execute(delete(subscription_delivery).where(c.status == "skipped", c.scheduled_at > now))


async def give_up_hung(db: Db, services: Services) -> int:
    """End deliveries that have not got on for a day; return how many (ix_subscription_delivery_open)."""
    rows = await hung_deliveries(db, services.clock.now() - GIVEN_UP_AFTER, BATCH)
    for row in rows:
        delivery = await open_delivery(db, row.project_id, row.id, is_held=True)
        if delivery is not None:
            await finish(db, services, delivery, "failed", HUNG)
    return len(rows)


async def forget_old(db: Db, now: datetime) -> int:
    """Delete deliveries whose time in the list is over; return how many (ix_subscription_delivery_age)."""
    old = older_deliveries(now - KEPT_FOR, MOST_FORGOTTEN)
    gone = delete(subscription_delivery).where(tuple_(c.project_id, c.id).in_(old))
    return (await db.execute(gone)).rowcount


async def forget_letters(services: Services) -> int:
    """Delete what was sent more than 30 days ago from the storage; return how many. Safe to run twice."""
    gone = 0
    while True:
        until = services.clock.now() - LETTERS_KEPT_FOR
        async with services.database.transaction(write=False) as db:
            rows = await deliveries_with_letters(db, until, BATCH)
        if not rows:
            return gone
        await services.storage.delete([object_key(row.project_id, KIND, row.id) for row in rows])
        keys = tuple_(c.project_id, c.id).in_([(row.project_id, row.id) for row in rows])
        async with services.database.transaction() as db:
            await db.execute(update(subscription_delivery).where(keys).values(is_letter_stored=False))
        gone += len(rows)
