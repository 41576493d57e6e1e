"""Whether a connected account still works."""

from datetime import datetime

from sqlalchemy import update

from parley.integrations.connections.queries.due import failed_account
from parley.integrations.connections.queries.integrations import integration_key
from parley.integrations.connections.rules import TOKEN_REFRESH_FAILED
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.tables import integration
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue

MAIL = "connections.mail_about_failure"


async def mark_failed(db: Db, one: Connected, again_at: datetime | None = None) -> bool:
    """Note that the service takes the account's token no more; say whether that is news. Safe to run twice.

    Where it is news, whoever has connected the account gets a mail: one, however often it fails after that. A token that
    can be renewed is tried `again_at`. Does nothing where the account was connected again, or its token renewed, since it
    was read.
    """
    c = integration.c
    mine = (integration_key(one.project_id, one.id), c.refreshed_at == one.refreshed_at)
    news = update(integration).where(*mine, c.errors == "").values(errors=TOKEN_REFRESH_FAILED)
    is_news = bool((await db.execute(news)).rowcount)
    again = again_at if one.next_refresh_at is not None else None
    later = update(integration).where(*mine).values(next_refresh_at=again, refreshing_until=None)
    await db.execute(later)
    if is_news:
        await _tell(db, one.project_id, one.id)
    return is_news


async def _tell(db: Db, project_id: int, id: int) -> None:
    failed = await failed_account(db, project_id, id)
    for to in failed.to if failed else ():
        await enqueue(db, MAIL, {"id": id, "to": to}, project_id=project_id, queue="mail")


async def clear_errors(db: Db, one: Connected) -> None:
    """Note that the account works again. Safe to run twice."""
    mine = (integration_key(one.project_id, one.id), integration.c.errors != "")
    await db.execute(update(integration).where(*mine).values(errors=""))
