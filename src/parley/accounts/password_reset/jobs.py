"""The mail with the link for a forgotten password."""

from parley.accounts.domains.enforcement import enforced_sso
from parley.accounts.password_reset.actions import start_reset
from parley.accounts.password_reset.mails import password_reset
from parley.accounts.users.queries import credentials_by_email
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work("accounts.mail_password_reset")
async def mail_password_reset(services: Services, work: Work) -> None:
    """Send the link, if there is such a user; each attempt has a token of its own, as only mails hold tokens."""
    async with services.database.transaction() as db:
        user = await credentials_by_email(db, work.payload["email"])
        if user is None or not user.is_active or await enforced_sso(db, services, user.email):
            return
        token = await start_reset(db, services.clock, user.user_id)
    mail = password_reset(services.settings.site_url, user, token, work.id)
    await services.mailer.send(mail)
