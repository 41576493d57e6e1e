"""When tokens are renewed without anybody asking."""

from datetime import datetime, timedelta

from sqlalchemy import update

from parley.integrations.connections.queries.due import due_integrations
from parley.integrations.connections.queries.integrations import integration_key
from parley.integrations.connections.tables import integration
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue

RENEW = "connections.renew_token"
MOST_AT_ONCE = 500
AGAIN = timedelta(minutes=15)
"""When it is asked for once more, in case the work came to nothing."""


async def ask_for_due(db: Db, now: datetime) -> int:
    """Enqueue work for each account whose token is due; return how many. Nobody asks for the same within AGAIN."""
    due = await due_integrations(db, now, MOST_AT_ONCE)
    for project_id, id in due:
        mine = integration_key(project_id, id)
        await db.execute(update(integration).where(mine).values(next_refresh_at=now + AGAIN))
        payload = {"id": id, "due_at": now.isoformat()}
        await enqueue(db, RENEW, payload, project_id=project_id, queue="upstream")
    return len(due)


async def bring_forward(db: Db, now: datetime) -> None:
    """Make due what was renewed later than now, which was a wrong clock."""
    c = integration.c
    wrong = (c.refreshed_at > now, c.next_refresh_at.is_not(None))
    await db.execute(update(integration).where(*wrong).values(next_refresh_at=now))
