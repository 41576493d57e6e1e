"""The mailbox of an e-mail channel (docs/email.md#fetch-from-a-mailbox)."""

from typing import Any

from litestar import delete, get, put
from litestar.params import FromPath, JSONBody

from parley.email.channels.queries import channel_to_change
from parley.email.imap.actions import delete_mailbox
from parley.email.imap.connecting import connect_mailbox
from parley.email.imap.queries import mailbox_out
from parley.email.imap.schemas import MailboxOut, NewMailbox
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import needs

MAILBOX = "/api/projects/{project_id:str}/conversations/email_channels/{channel_id:str}/imap"


@get(MAILBOX, guards=[needs("ticket:write")])
async def show_mailbox(channel_id: FromPath[str], actor: ActorDependency, db: DbDependency) -> MailboxOut:
    """Show where the mail of a channel is fetched, and whether that works. For who may change the channel."""
    found = await channel_to_change(db, actor, channel_id)
    return await mailbox_out(db, actor.project_id, found.channel.id)


@put(MAILBOX, guards=[needs("ticket:write")], status_code=200)
async def set_mailbox(
    channel_id: FromPath[str],
    data: JSONBody[NewMailbox],
    actor: ActorDependency,
    services: ServicesDependency,
) -> MailboxOut:
    """Fetch the mail of a channel from this mailbox from now on. It is opened once before anything is stored.

    What the mail server says against that is in the detail of the error `mailbox_refused`.
    """
    return await connect_mailbox(services, actor, channel_id, data)


@delete(MAILBOX, guards=[needs("ticket:write")], status_code=204)
async def remove_mailbox(
    channel_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> None:
    """Fetch from the mailbox no more. What came in stays, and so does everything in the mailbox."""
    found = await channel_to_change(db, actor, channel_id)
    if not await delete_mailbox(db, services, actor.project_id, found.channel.id):
        raise NotFound


handlers: list[Any] = [show_mailbox, set_mailbox, remove_mailbox]
