"""When the team was told of new conversations."""

from typing import Any

from sqlalchemy import Row, select

from parley.conversations.tickets.tables import first_message_digest
from parley.kernel.database.database import Db


async def digest_held(db: Db, project_id: int) -> Row[Any]:
    """Return `mailed_at` and `is_planned` of a project, held until the transaction ends (primary key)."""
    columns = (first_message_digest.c.mailed_at, first_message_digest.c.is_planned)
    found = select(*columns).where(first_message_digest.c.project_id == project_id).with_for_update()
    return (await db.execute(found)).one()
