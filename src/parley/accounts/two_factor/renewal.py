"""Authenticators whose secret can't be read after the server's key was lost."""

from sqlalchemy import delete

from parley.accounts.two_factor.queries.factors import sealed_secrets
from parley.accounts.two_factor.tables import totp
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def forget_unreadable_authenticators(db: Db, services: Services) -> list[str]:
    """Forget authenticators whose secret can't be read; return the addresses of their users. Safe to run twice.

    A code is still wanted when they sign in: a password that leaked must not be enough because the server lost its key.
    Their recovery codes need no key; with one of them they get in and set up an authenticator anew.
    """
    lost = [one for one in await sealed_secrets(db) if not services.vault.can_decrypt(one[2])]
    for user_id, _, _ in lost:
        await db.execute(delete(totp).where(totp.c.user_id == user_id))
    return [email for _, email, _ in lost]
