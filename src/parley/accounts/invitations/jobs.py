"""The mail with the link of an invitation."""

from uuid import UUID

from parley.accounts.invitations.mails import invitation
from parley.accounts.invitations.queries import invite_by_id
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work("accounts.mail_invite")
async def mail_invite(services: Services, work: Work) -> None:
    """Send an invitation, unless nobody could accept it any more."""
    async with services.database.transaction(write=False) as db:
        invite = await invite_by_id(db, UUID(work.payload["invite_id"]))
    if invite is None or not invite.is_backed:
        return
    token = services.vault.decrypt(work.payload["sealed_token"])
    await services.mailer.send(invitation(services.settings.site_url, invite, token, work.id))
