"""Background work of conversions: they are collected every minute, and each is sent by itself."""

from datetime import timedelta

from parley.integrations.linkedin_conversions.actions.collecting import SEND, collect_all
from parley.integrations.linkedin_conversions.actions.sending import send, tidy
from parley.integrations.linkedin_conversions.queries.rules import is_any_active
from parley.integrations.linkedin_conversions.rules import RETRIES_S
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, enqueue, is_waiting, job, work
from parley.kernel.services import Services

COLLECT = "linkedin_conversions.collect_all"


@job("linkedin_conversions.look", every=timedelta(minutes=1))
async def look_for_conversions(db: Db, _: Services) -> int:
    """Have it looked for what counts as a conversion, unless nobody wants any. Safe to run twice."""
    if not await is_any_active(db) or await is_waiting(db, COLLECT, project_id=0):
        return 0
    await enqueue(db, COLLECT, {}, project_id=0)
    return 1


@work(COLLECT, timeout_s=300)
async def collect_conversions(services: Services, _: Work) -> None:
    """Make the conversions of what has happened. Safe to run twice."""
    await collect_all(services)


@work(SEND, timeout_s=60, ahead_s=86_400 + RETRIES_S[-1])
async def send_conversion(services: Services, work: Work) -> None:
    """Send one conversion to LinkedIn, and plan another attempt where that may help."""
    await send(services, work)


@job("linkedin_conversions.tidy", every=timedelta(hours=1), deletes=True)
async def tidy_conversions(db: Db, services: Services) -> int:
    """Delete old conversions from the log, and end those that nobody sends any more. Safe to run twice."""
    return await tidy(db, services.clock.now())
