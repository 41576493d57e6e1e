"""Whether somebody outside is told of what happens in a project."""

from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy import update

from parley.accounts.queries.projects import webhooks_locked
from parley.accounts.tables import project
from parley.kernel.db import Db
from parley.kernel.live import announce


async def note_webhooks(db: Db, project_id: int, listens: Callable[[], Awaitable[bool]]) -> None:
    """Note what `listens` answers.

    It is asked with the project locked: of two who change webhooks at the same time, the second sees both changes.
    """
    before = await webhooks_locked(db, project_id)
    after = await listens()
    if after != before:
        await db.execute(update(project).where(project.c.id == project_id).values(has_webhooks=after))
        db.after_commit(partial(announce, "accounts", "changed"))
