"""What a project knows of features above, so that whoever has no use of them pays nothing."""

from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy import update

from parley.accounts.projects.queries.projects import access_controls_locked, webhooks_locked
from parley.accounts.projects.tables import project
from parley.kernel.database.transaction import Db
from parley.kernel.http.dependencies import Services


async def note_webhooks(
    db: Db, services: Services, project_id: int, listens: Callable[[], Awaitable[bool]]
) -> None:
    """Note what `listens` answers.

    It is asked with the project locked: of two who change webhooks at the same time, the second sees both changes.
    """
    before = await webhooks_locked(db, project_id)
    after = await listens()
    if after != before:
        await db.execute(update(project).where(project.c.id == project_id).values(has_webhooks=after))
        db.after_commit(partial(services.live.publish, "accounts", "changed"))


async def note_access_controls(
    db: Db, services: Services, project_id: int, change: Callable[[], Awaitable[bool]]
) -> None:
    """Have levels changed while the project is locked, and note what `change` answers: whether any are left.

    All processes forget the rights that they remember.
    """
    before = await access_controls_locked(db, project_id)
    after = await change()
    if after != before:
        await db.execute(update(project).where(project.c.id == project_id).values(has_access_controls=after))
    db.after_commit(partial(services.live.publish, "accounts", "changed"))
