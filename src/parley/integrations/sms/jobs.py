"""Background work of text messages that come in."""

from datetime import timedelta

from parley.integrations.sms.actions.forgetting import forget_received
from parley.integrations.sms.actions.kept import FETCH, QUEUE, TAKE_KEPT, take_kept
from parley.integrations.sms.actions.receiving import settle_with_media
from parley.integrations.sms.queries.contacts import projects_with_kept
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, enqueue, job, on, work
from parley.kernel.services import Services

LEFT_BEHIND = timedelta(hours=1)


@work(FETCH, timeout_s=300, retries_s=(5, 60, 300))
async def fetch_media(services: Services, work: Work) -> None:
    """Fetch the files of a message that came in, and write it on its ticket; at the last try without them."""
    await settle_with_media(services, work)


@work(TAKE_KEPT, timeout_s=300)
async def take_kept_texts(services: Services, work: Work) -> None:
    """Write on tickets what came in while conversations were switched off. Safe to repeat."""
    await take_kept(services, work.project_id)


@on("project.conversations_enabled", "sms.take_kept_texts")
async def take_texts_of_project(db: Db, _: Services, event: Event) -> None:
    """Have what was kept taken, now that conversations are switched on."""
    await enqueue(db, TAKE_KEPT, {}, project_id=event.project_id, queue=QUEUE)


@job("sms.look_for_kept", every=timedelta(hours=1))
async def look_for_kept_texts(db: Db, services: Services) -> int:
    """Have taken what was kept just as conversations were switched on; return in how many projects. Safe to run twice."""
    found = await projects_with_kept(db, services.clock.now() - LEFT_BEHIND)
    for project_id in found:
        await enqueue(db, TAKE_KEPT, {}, project_id=project_id, queue=QUEUE)
    return len(found)


@job("sms.forget_received", every=timedelta(hours=6), deletes=True)
async def forget_old_marks(db: Db, services: Services) -> int:
    """Forget which messages came in more than a month ago. Safe to run twice."""
    return await forget_received(db, services.clock.now())
