"""Connecting a mailbox: it is opened once, so that wrong settings are said at once."""

from parley.email.channels.queries import channel_to_change
from parley.email.imap.actions import set_mailbox
from parley.email.imap.queries import mailbox_out
from parley.email.imap.schemas import MailboxOut, NewMailbox
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.throttle import MINUTE_S, Limit

OF_TEST = "This is a test address, which has no mailbox: who writes there would get no answer."
PER_USER = Limit("imap-connect", 20, MINUTE_S)


async def connect_mailbox(services: Services, actor: Actor, channel_id: str, new: NewMailbox) -> MailboxOut:
    """Open a mailbox and store where it is; raises NotFound, PermissionDenied, Invalid, NotOurServer and MailboxRefused."""
    from parley.email.imap.client import opened  # its library is loaded where there is a mailbox

    async with services.database.transaction(write=False) as db:
        found = await channel_to_change(db, actor, channel_id)
    if found.channel.is_test:
        raise Invalid(OF_TEST)
    await services.throttles.hit((PER_USER, str(actor.user_id)))
    async with opened(services, new, new.password):
        pass
    async with services.database.transaction() as db:
        channel = (await channel_to_change(db, actor, channel_id)).channel
        await set_mailbox(db, services, channel.project_id, channel.id, new)
        return await mailbox_out(db, channel.project_id, channel.id)
