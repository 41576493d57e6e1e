"""How much mail is held."""

from typing import Any

from sqlalchemy import bindparam, func, literal_column, select

from parley.email.outbound.tables import outbound_email
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

_OURS: Any = bindparam("project_id")
_N_HELD = Prepared(
    select(func.count()).where(
        outbound_email.c.project_id == _OURS, outbound_email.c.state == literal_column("'held'")
    )
)


async def n_held(db: Db, project_id: int) -> int:
    """Count the mails of a project that the brake holds (index of those alone)."""
    count: int = (await db.rows(_N_HELD, project_id=project_id))[0][0]
    return count
