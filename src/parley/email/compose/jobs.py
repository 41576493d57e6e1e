"""What was composed a moment ago is forgotten."""

from datetime import timedelta

from parley.email.compose.actions import forget_composed
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("compose.forget_old", every=timedelta(hours=1), deletes=True)
async def forget_what_was_composed(db: Db, services: Services) -> int:
    """Delete the notes of requests that can't be repeated any more. Safe to run twice."""
    return await forget_composed(db, services.clock.now())
