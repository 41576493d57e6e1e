"""Mails about changes of how somebody signs in, so that they hear of what they didn't do themselves."""

from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue


async def notify(db: Db, user_id: int, what: str) -> None:
    """Have the user told by mail, once this transaction is committed; `what` is a key of `mails.NOTICES`."""
    payload = {"user_id": user_id, "what": what}
    await enqueue(db, "accounts.mail_security_notice", payload, project_id=0, queue="mail")
