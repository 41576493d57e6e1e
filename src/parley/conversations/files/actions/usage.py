"""How much of its quota a project has used."""

from typing import Any

from sqlalchemy import case, update
from sqlalchemy.dialects import postgresql, sqlite

from parley.conversations.files.errors import StorageQuotaReached
from parley.conversations.files.tables import file_usage
from parley.kernel.database.transaction import Db
from parley.kernel.text.sizes import human_size


async def add_usage(db: Db, project_id: int, size: int, quota: int) -> None:
    """Count bytes that were stored; raises StorageQuotaReached where they don't fit in, whoever stores at the same time."""
    dialect: Any = sqlite if db.dialect.name == "sqlite" else postgresql
    first = dialect.insert(file_usage).values(project_id=project_id, size_bytes=0).on_conflict_do_nothing()
    await db.execute(first)
    used = file_usage.c.size_bytes
    fits = (file_usage.c.project_id == project_id, used + size <= quota)
    added = update(file_usage).where(*fits).values(size_bytes=used + size).returning(used)
    if (await db.execute(added)).first() is None:
        raise StorageQuotaReached(human_size(quota))


async def subtract_usage(db: Db, project_id: int, size: int) -> None:
    """Count bytes that are going to be deleted."""
    used = file_usage.c.size_bytes
    less = case((used > size, used - size), else_=0)
    await db.execute(update(file_usage).where(file_usage.c.project_id == project_id).values(size_bytes=less))
