"""Whether the secrets that projects keep can be read with the server's key."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Row, Select, select

from parley.accounts.projects.tables import project
from parley.kernel.database.database import Database
from parley.kernel.database.transaction import Db
from parley.kernel.secrets import Vault

MOST = 1000
ENCRYPTED = (
    project.c.secret_api_token,
    project.c.secret_api_token_backup,
    project.c.webhook_signing_secret,
    project.c.webhook_signing_secret_backup,
)


class Readable(msgspec.Struct, frozen=True):
    """How many projects keep secrets that can be read, and how many keep some that can't."""

    readable: int
    unreadable: int


def _oldest() -> Select[tuple[int, str, str | None, str, str | None]]:
    return select(project.c.id, *ENCRYPTED).order_by(project.c.id)


async def how_readable(database: Database, vault: Vault) -> Readable:
    """Try the key on the secrets of the oldest projects, a thousand at most (primary key)."""
    async with database.transaction(write=False) as db:
        rows = (await db.execute(_oldest().limit(MOST))).all()
    readable = sum(_can_read(vault, row[1:]) for row in rows)
    return Readable(readable, len(rows) - readable)


async def projects_with_unreadable_secrets(db: Db, vault: Vault) -> list[int]:
    """Return the projects that keep a secret which can't be read, oldest first (primary key)."""
    return [row.id for row in await db.execute(_oldest()) if not _can_read(vault, row[1:])]


def _can_read(vault: Vault, sealed: Sequence[str | None] | Row[tuple[str | None, ...]]) -> bool:
    try:
        for text in sealed:
            if text is not None:
                vault.decrypt(text)
    except ValueError:
        return False
    return True
