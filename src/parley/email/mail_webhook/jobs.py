"""Background work of the mail webhook."""

from datetime import timedelta

from parley.email.mail_webhook.actions import forget_tokens
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("mail_webhook.forget_tokens", every=timedelta(hours=1), deletes=True)
async def forget_old_tokens(db: Db, services: Services) -> int:
    """Delete tokens of signatures that are no longer good. Safe to run twice."""
    return await forget_tokens(db, services.clock.now())
