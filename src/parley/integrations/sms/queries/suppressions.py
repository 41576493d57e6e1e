"""The keys of the suppression list."""

from sqlalchemy import select

from parley.integrations.sms.tables import sms_suppression_key
from parley.kernel.database.transaction import Db

_key = sms_suppression_key.c


async def sealed_keys(db: Db, project_id: int) -> list[str]:
    """Return the keys of a project, encrypted, oldest first (primary key); mostly one or none."""
    wanted = select(_key.sealed_key).where(_key.project_id == project_id).order_by(_key.id)
    return list((await db.execute(wanted)).scalars())
