"""The mail with a restore link, and the removal of old links."""

from datetime import timedelta

from parley.conversations.restore_links.actions import MAIL_LINK, PER_PROJECT, forget_old_links, start_link
from parley.conversations.restore_links.mails import restore_mail
from parley.conversations.restore_links.queries import has_restorable_tickets, project_name
from parley.conversations.restore_links.rules import page_address
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, job, work
from parley.kernel.services import Services


@work(MAIL_LINK, retries_s=(5, 30, 120, 600, 1800))
async def mail_restore_link(services: Services, work: Work) -> None:
    """Send the link, if the address has conversations; each attempt has a token of its own, as only mails hold tokens."""
    email, asked = work.payload["email"], work.payload
    page = page_address(f"{asked['origin']}{asked['path']}?{asked['query']}")
    async with services.database.transaction() as db:
        name = await project_name(db, work.project_id)
        if page is None or name is None or not await has_restorable_tickets(db, work.project_id, email):
            return
        # Beyond it the work fails, is tried again later, and is shown to owners.
        await services.throttles.hit((PER_PROJECT, str(work.project_id)))
        token = await start_link(db, services.clock, work.project_id, email)
    await services.mailer.send(restore_mail(email, name, page.with_token(token), work.id))


@job("restore_links.forget_old", every=timedelta(hours=1), deletes=True)
async def forget_links(db: Db, services: Services) -> int:
    """Delete links that have expired long ago. Safe to run twice."""
    return await forget_old_links(db, services.clock.now())
