"""Subscriptions that go out, one after the other."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, tuple_

from parley.accounts.projects.tables import project
from parley.analytics.subscriptions.tables import IS_LIVE, subscription
from parley.kernel.database.transaction import Db

c = subscription.c


async def live_after(
    db: Db, key: tuple[int, int], limit: int, project_id: int | None = None
) -> Sequence[Row[Any]]:
    """Return live subscriptions behind a key, held, with their time zones; of one project or of all (primary key)."""
    found = select(subscription, project.c.timezone).join(project, project.c.id == c.project_id)
    found = found.where(IS_LIVE, tuple_(c.project_id, c.id) > tuple_(*key))
    if project_id is not None:
        found = found.where(c.project_id == project_id)
    return (
        await db.execute(found.order_by(c.project_id, c.id).limit(limit).with_for_update(of=subscription))
    ).all()
