"""The mails about changes of how somebody signs in."""

from parley.accounts.two_factor.mails import security_notice
from parley.accounts.users.queries import user_row
from parley.kernel.errors import NotFound
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work("accounts.mail_security_notice")
async def mail_security_notice(services: Services, work: Work) -> None:
    """Tell a user what has changed; somebody who is gone by then is told nothing."""
    try:
        async with services.database.transaction(write=False) as db:
            user = await user_row(db, work.payload["user_id"])
    except NotFound:
        return
    if user["is_active"]:
        mail = security_notice(services.settings.site_url, user["email"], work.payload["what"], work.id)
        await services.mailer.send(mail)
