"""Tokens of the provider."""

from sqlalchemy import select

from parley.email.mail_webhook.tables import mail_webhook_token
from parley.kernel.database.transaction import Db


async def delivery_of_token(db: Db, digest: str) -> str:
    """Return the digest of the mail that came with a token, which is there (primary key)."""
    c = mail_webhook_token.c
    found: str = (await db.execute(select(c.delivery_digest).where(c.digest == digest))).scalar_one()
    return found
