"""Mailboxes whose password can't be read after the server's key was lost."""

from collections.abc import Sequence

from parley.email.imap.actions import delete_mailbox
from parley.email.imap.queries import all_mailboxes
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def forget_unreadable_mailboxes(db: Db, services: Services) -> Sequence[str]:
    """Forget mailboxes whose password can't be read; return their users. They are connected anew by hand."""
    lost = [one for one in await all_mailboxes(db) if not services.vault.can_decrypt(one.password)]
    for one in lost:
        await delete_mailbox(db, services, one.project_id, one.channel_id)
    return [one.username for one in lost]
