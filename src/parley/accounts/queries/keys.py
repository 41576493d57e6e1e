"""Personal API keys, as their owner sees them."""

from typing import Any

from sqlalchemy import Row, Select, func, select

from parley.accounts.schemas.keys import KeyOut
from parley.accounts.tables import personal_api_key
from parley.kernel.db import Db
from parley.kernel.errors import NotFound

FIELDS = KeyOut.__struct_fields__
KEYS: Select[Any] = select(*(personal_api_key.c[name] for name in FIELDS))


def _key(row: Row[Any]) -> KeyOut:
    return KeyOut(**row._mapping)


async def key_page(db: Db, user_id: int, limit: int, offset: int) -> list[KeyOut]:
    """Return a page of the user's keys, newest first (index on user_id)."""
    rows = await db.execute(
        KEYS.where(personal_api_key.c.user_id == user_id)
        .order_by(personal_api_key.c.created_at.desc(), personal_api_key.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [_key(row) for row in rows]


async def n_keys(db: Db, user_id: int) -> int:
    """Count the user's keys (index on user_id)."""
    statement = select(func.count()).where(personal_api_key.c.user_id == user_id)
    count: int = (await db.execute(statement)).scalar_one()
    return count


async def key_by_id(db: Db, user_id: int, key_id: str) -> KeyOut:
    """Return one key of the user (primary key); raises NotFound."""
    statement = KEYS.where(personal_api_key.c.user_id == user_id, personal_api_key.c.id == key_id)
    row = (await db.execute(statement)).first()
    if row is None:
        raise NotFound
    return _key(row)
