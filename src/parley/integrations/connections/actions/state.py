"""Whether a connected account still works."""

from sqlalchemy import update

from parley.integrations.connections.queries.integrations import integration_key
from parley.integrations.connections.rules import TOKEN_REFRESH_FAILED
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.tables import integration
from parley.kernel.database.transaction import Db


async def mark_failed(db: Db, one: Connected) -> bool:
    """Note that the service takes the account's token no more; say whether that is news. Safe to run twice.

    Does nothing where the account has been connected again, or its token renewed, since it was read.
    """
    mine = (integration_key(one.project_id, one.id), integration.c.refreshed_at == one.refreshed_at)
    is_news = integration.c.errors == ""
    found = await db.execute(update(integration).where(*mine, is_news).values(errors=TOKEN_REFRESH_FAILED))
    return bool(found.rowcount)


async def clear_errors(db: Db, one: Connected) -> None:
    """Note that the account works again. Safe to run twice."""
    mine = (integration_key(one.project_id, one.id), integration.c.errors != "")
    await db.execute(update(integration).where(*mine).values(errors=""))
