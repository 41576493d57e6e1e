"""Deliveries that hang, and those whose time is over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, tuple_, update

from parley.analytics.subscription_deliveries.actions.finishing import finish
from parley.analytics.subscription_deliveries.letters import KIND, letter_of, store_letter
from parley.analytics.subscription_deliveries.queries.deliveries import open_delivery
from parley.analytics.subscription_deliveries.queries.old import (
    deliveries_with_letters,
    hung_deliveries,
    letters_of_project,
    older_deliveries,
)
from parley.analytics.subscription_deliveries.rules import GIVEN_UP_AFTER, KEPT_FOR, LETTERS_KEPT_FOR
from parley.analytics.subscription_deliveries.shared_letters import FRESH_FOR, drop_shared_letters
from parley.analytics.subscription_deliveries.tables import subscription_delivery
from parley.analytics.subscriptions.queries.subscriptions import subscription_or_none
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services
from parley.kernel.storage.keys import object_key

ERASE_LETTERS = "subscription_deliveries.erase_letters"
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
        await _delete_letters(services, [(row.project_id, row.id) for row in rows])
        gone += len(rows)


async def _delete_letters(services: Services, ids: Sequence[tuple[int, UUID]]) -> None:
    await services.storage.delete([object_key(project_id, KIND, id) for project_id, id in ids])
    keys = tuple_(c.project_id, c.id).in_(ids)
    async with services.database.transaction() as db:
        await db.execute(update(subscription_delivery).where(keys).values(is_letter_stored=False))


async def have_letters_erased(db: Db, project_id: int) -> None:
    """Have all reports of a project deleted that are kept, since they may hold what is to be erased."""
    await enqueue(db, ERASE_LETTERS, {}, project_id=project_id)


async def erase_letters_again(services: Services, project_id: int) -> None:
    """Have it done once more when no process uses a report any more that it has made before."""
    at = services.clock.now() + FRESH_FOR
    async with services.database.transaction() as db:
        await enqueue(db, ERASE_LETTERS, {"is_second": True}, project_id=project_id, not_before=at)


async def erase_letters(services: Services, project_id: int) -> None:
    """Delete the reports of a project that were sent, and make those anew that are still to go out. Safe to run twice."""
    drop_shared_letters(services)
    while True:
        async with services.database.transaction(write=False) as db:
            done = await letters_of_project(db, project_id, BATCH, is_open=False)
        if not done:
            break
        await _delete_letters(services, [(project_id, id) for id in done])
    async with services.database.transaction(write=False) as db:
        waiting = await letters_of_project(db, project_id, MOST_FORGOTTEN, is_open=True)
    for id in waiting:
        async with services.database.transaction(write=False) as db:
            delivery = await open_delivery(db, project_id, id)
            if delivery is None:
                continue
            found = await subscription_or_none(db, project_id, delivery.subscription_id)
        if found is not None:
            await store_letter(services, delivery, await letter_of(services, found, delivery))
