"""Whether a project has webhooks and access controls, so that requests of one without them needn't look for any."""

from collections.abc import Awaitable, Callable

from sqlalchemy import update

from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.projects.queries.projects import access_controls_locked, webhooks_locked
from parley.accounts.projects.tables import project
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def update_has_webhooks(
    db: Db, services: Services, project_id: int, has_any: Callable[[], Awaitable[bool]]
) -> None:
    """Store what `has_any` answers.

    It is asked with the project locked: of two who change webhooks at the same time, the second sees both changes.
    """
    before = await webhooks_locked(db, project_id)
    after = await has_any()
    if after != before:
        await db.execute(update(project).where(project.c.id == project_id).values(has_webhooks=after))
        invalidate_callers(db, services)


async def update_has_access_controls(
    db: Db, services: Services, project_id: int, change: Callable[[], Awaitable[bool]]
) -> None:
    """Have levels changed while the project is locked, and store what `change` answers: whether any are left.

    All processes forget the rights that they have cached.
    """
    before = await access_controls_locked(db, project_id)
    after = await change()
    if after != before:
        await db.execute(update(project).where(project.c.id == project_id).values(has_access_controls=after))
    invalidate_callers(db, services)
