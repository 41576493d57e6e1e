"""Whether the set-up page is open, and the token in its link."""

from sqlalchemy import select

from parley.accounts.tables import user_account
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.secrets import Vault

ANYBODY = Prepared(select(user_account.c.id).limit(1))


async def has_user(database: Database) -> bool:
    """Say whether anybody has an account; from then on the set-up page is closed."""
    return bool(await database.read(ANYBODY))


def setup_token(vault: Vault) -> str:
    """Return the token of the set-up link: the same until the secret key changes, of no use once there is a user."""
    return vault.signature("setup", "first owner")
