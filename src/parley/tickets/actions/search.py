"""Care for the index of search, which triggers fill (docs/decisions/0011-search.md)."""

from parley.kernel.db import Db
from parley.tickets.queries.search import EMPTIED_LIST


async def tidy_index(db: Db) -> int:
    """Sort what waits at PostgreSQL's index into it; return how many pages that were. SQLite's index has no such list."""
    if db.dialect.name == "sqlite":
        return 0
    row = await db.row(EMPTIED_LIST)
    assert row is not None  # a SELECT without FROM
    pages: int = row[0]
    return pages
