"""Mails of accounts, and the removal of what has expired."""

from datetime import datetime, timedelta
from uuid import UUID

from parley.accounts import mails
from parley.accounts.actions.expiry import forget_expired
from parley.accounts.actions.password_resets import start_reset
from parley.accounts.queries.invites import invite_by_id
from parley.accounts.queries.users import credentials_by_email
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import (
    Outside,
    Work,
    job,
    work,
)
from parley.kernel.network.mail import Mailer
from parley.kernel.secrets import Vault


def _mailer(outside: Outside) -> Mailer:
    settings = outside.settings
    return Mailer(settings.smtp_url, settings.data_dir, settings.site_url)


@work("accounts.mail_password_reset")
async def mail_password_reset(outside: Outside, work: Work) -> None:
    """Send the link, if there is such a user; each attempt has a token of its own, as only mails hold tokens."""
    async with outside.database.transaction() as db:
        user = await credentials_by_email(db, work.payload["email"])
        if user is None or not user.is_active:
            return
        token = await start_reset(db, outside.clock, user.user_id)
    mail = mails.password_reset(outside.settings.site_url, user, token, work.id)
    await _mailer(outside).send(mail)


@work("accounts.mail_invite")
async def mail_invite(outside: Outside, work: Work) -> None:
    """Send an invitation, unless it was taken back or accepted in the meantime."""
    async with outside.database.transaction(write=False) as db:
        invite = await invite_by_id(db, UUID(work.payload["invite_id"]))
    if invite is None:
        return
    token = Vault(outside.settings.secret_key).decrypt(work.payload["sealed_token"])
    await _mailer(outside).send(mails.invitation(outside.settings.site_url, invite, token, work.id))


@job("accounts.forget_expired", every=timedelta(hours=1), deletes=True)
async def forget_what_expired(db: Db, now: datetime) -> int:
    """Delete sessions, reset links and invitations that are over. Safe to run twice."""
    return await forget_expired(db, now)
