"""Snoozed tickets come back by the clock."""

from datetime import timedelta

from parley.conversations.snoozes.actions import BATCH, wake_due
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services

MOST_BATCHES = 10
"""Of one run: on SQLite nobody else can write meanwhile."""


@job("tickets.wake_snoozed", every=timedelta(minutes=1))
async def wake_snoozed(db: Db, services: Services) -> int:
    """Wake tickets whose snooze has ended; return how many. After a long pause the next runs open the rest."""
    woken, now = 0, services.clock.now()
    for _ in range(MOST_BATCHES):
        batch = await wake_due(db, services, now)
        woken += batch
        if batch < BATCH:
            break
    return woken
