"""Trying again what has failed."""

from uuid import UUID

from parley.administration.background_work.queries import projects_shown
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.jobs import revive


async def retry_work(db: Db, organization_id: UUID, id: UUID | None) -> int:
    """Try failed work of the organization again, all or one piece; return how much. Safe to run twice.

    Raises NotFound for a piece that has not failed, or is another organization's.
    """
    retried = await revive(db, await projects_shown(db, organization_id), id)
    if id is not None and not retried:
        raise NotFound
    return retried
