"""What is left to do after a sign-in: that has failed, or of an owner without single sign-on."""

from parley.accounts.sign_in.failed_attempts import record_failure
from parley.accounts.sign_in.mails import break_glass
from parley.accounts.users.queries import credentials_by_id
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work("accounts.record_failed_sign_in")
async def record_failed_sign_in(services: Services, work: Work) -> None:
    """Write an entry of the audit log, if there is such a user."""
    await record_failure(services, **work.payload)


@work("accounts.mail_break_glass")
async def mail_break_glass(services: Services, work: Work) -> None:
    """Tell an owner that an owner got in without single sign-on; who is gone by then is told nothing."""
    async with services.database.transaction(write=False) as db:
        owner = await credentials_by_id(db, work.payload["user_id"])
    if owner is not None and owner.is_active:
        site_url = services.settings.site_url
        await services.mailer.send(break_glass(site_url, owner.email, work.payload["who"], work.id))
