"""What the project's counters tell: how many tickets have which status, exactly, and how many there ever were."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, literal_column, select

from parley.conversations.ticket_changes.tables import ticket_ledger
from parley.conversations.tickets.rules.fields import STATUSES
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

MINE = ticket_ledger.c.project_id == bindparam("project_id")
LAST_NUMBER = select(ticket_ledger.c.last_number).where(MINE)
_LAST_NUMBER = Prepared(LAST_NUMBER)
# And about how many tickets the whole database has, as PostgreSQL's statistics say.
_SIZES = Prepared(
    LAST_NUMBER.add_columns(
        literal_column("(SELECT reltuples FROM pg_class WHERE oid = CAST('ticket' AS regclass))")
    )
)
_BY_STATUS = Prepared(select(*(ticket_ledger.c[f"n_{status}"] for status in STATUSES)).where(MINE))


def total_of(statuses: tuple[str, ...]) -> ScalarSelect[int]:
    """Select how many tickets have one of the statuses (primary key)."""
    counters = [ticket_ledger.c[f"n_{status}"] for status in statuses or STATUSES]
    counted: ColumnElement[Any] = counters[0]
    for counter in counters[1:]:
        counted = counted + counter
    return select(counted).where(MINE).scalar_subquery()


@lru_cache(maxsize=64)
def _total(statuses: tuple[str, ...]) -> Prepared:
    return Prepared(select(total_of(statuses)))


async def n_with_status(source: Db | Database, project_id: int, statuses: tuple[str, ...]) -> int:
    """Return how many tickets have one of the statuses (primary key)."""
    read = source.rows if isinstance(source, Db) else source.read
    found = await read(_total(statuses), project_id=project_id)
    return (found[0][0] if found else 0) or 0


async def n_by_status(database: Database, project_id: int) -> dict[str, int]:
    """Return how many tickets have each status (primary key)."""
    rows = await database.read(_BY_STATUS, project_id=project_id)
    return dict(zip(STATUSES, rows[0] if rows else (0,) * len(STATUSES), strict=True))


async def last_number(db: Db, project_id: int) -> int:
    """Return how many tickets the project has had (primary key)."""
    found = await db.row(_LAST_NUMBER, project_id=project_id)
    return found[0] if found else 0


async def sizes(db: Db, project_id: int) -> tuple[int, float]:
    """Return how many tickets the project has had, and about how many the whole database has; SQLite doesn't know."""
    if db.dialect.name == "sqlite":
        return await last_number(db, project_id), 0.0
    row: Sequence[Any] | None = await db.row(_SIZES, project_id=project_id)
    return (row[0], row[1]) if row is not None else (0, 0.0)
