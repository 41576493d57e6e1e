"""Background work of text messages that come in."""

from datetime import timedelta

from parley.integrations.sms.actions.forgetting import forget_received
from parley.integrations.sms.actions.receiving import FETCH, settle_with_media
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, job, work
from parley.kernel.services import Services


@work(FETCH, timeout_s=300, retries_s=(5, 60, 300))
async def fetch_media(services: Services, work: Work) -> None:
    """Fetch the files of a message that came in, and write it on its ticket; at the last try without them."""
    await settle_with_media(services, work)


@job("sms.forget_received", every=timedelta(hours=6), deletes=True)
async def forget_old_marks(db: Db, services: Services) -> int:
    """Forget which messages came in more than a month ago. Safe to run twice."""
    return await forget_received(db, services.clock.now())
