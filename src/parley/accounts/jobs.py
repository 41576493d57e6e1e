"""Mails of accounts, and the removal of what has expired."""

from datetime import timedelta
from uuid import UUID

from parley.accounts import mails
from parley.accounts.actions.expiry import forget_expired
from parley.accounts.actions.password_resets import start_reset
from parley.accounts.queries.invites import invite_by_id
from parley.accounts.queries.users import credentials_by_email
from parley.kernel.database.transaction import Db
from parley.kernel.http.dependencies import Services
from parley.kernel.jobs import (
    Work,
    job,
    work,
)
from parley.kernel.network.mail import Mailer


def _mailer(services: Services) -> Mailer:
    settings = services.settings
    return Mailer(settings.smtp_url, settings.data_dir, settings.site_url)


@work("accounts.mail_password_reset")
async def mail_password_reset(services: Services, work: Work) -> None:
    """Send the link, if there is such a user; each attempt has a token of its own, as only mails hold tokens."""
    async with services.database.transaction() as db:
        user = await credentials_by_email(db, work.payload["email"])
        if user is None or not user.is_active:
            return
        token = await start_reset(db, services.clock, user.user_id)
    mail = mails.password_reset(services.settings.site_url, user, token, work.id)
    await _mailer(services).send(mail)


@work("accounts.mail_invite")
async def mail_invite(services: Services, work: Work) -> None:
    """Send an invitation, unless it was taken back or accepted in the meantime."""
    async with services.database.transaction(write=False) as db:
        invite = await invite_by_id(db, UUID(work.payload["invite_id"]))
    if invite is None:
        return
    token = services.vault.decrypt(work.payload["sealed_token"])
    await _mailer(services).send(mails.invitation(services.settings.site_url, invite, token, work.id))


@job("accounts.forget_expired", every=timedelta(hours=1), deletes=True)
async def forget_what_expired(db: Db, services: Services) -> int:
    """Delete sessions, reset links and invitations that are over. Safe to run twice."""
    return await forget_expired(db, services.clock.now())
