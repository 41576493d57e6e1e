"""Personal API keys, as their owner sees them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, Select, func, select

from parley.accounts.api_keys.rules import covered_organizations
from parley.accounts.api_keys.schemas import KeyOut
from parley.accounts.api_keys.tables import personal_api_key
from parley.accounts.memberships.queries import joined_at_of
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

FIELDS = KeyOut.__struct_fields__
KEYS: Select[Any] = select(
    *(personal_api_key.c[name] for name in FIELDS), personal_api_key.c.covered_organizations
)


def _key(row: Row[Any], joined: Mapping[UUID, datetime]) -> KeyOut:
    """A key that doesn't cover all organizations of its owner shows which it covers, as if it were limited to them."""
    shown = {name: row._mapping[name] for name in FIELDS}
    covered = covered_organizations(row.covered_organizations, row.created_at, joined)
    if not row.scoped_organizations and covered != joined.keys():
        shown["scoped_organizations"] = sorted(map(str, covered))
    return KeyOut(**shown)


async def key_page(db: Db, user_id: int, limit: int, offset: int) -> list[KeyOut]:
    """Return a page of the user's keys, newest first (index on user_id)."""
    rows = await db.execute(
        KEYS.where(personal_api_key.c.user_id == user_id)
        .order_by(personal_api_key.c.created_at.desc(), personal_api_key.c.id)
        .limit(limit)
        .offset(offset)
    )
    joined = await joined_at_of(db, user_id)
    return [_key(row, joined) for row in rows]


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
    return _key(row, await joined_at_of(db, user_id))


async def key_row(db: Db, key_id: str) -> RowMapping:
    """Return every column of a key (primary key); raises NotFound."""
    found = await db.execute(select(personal_api_key).where(personal_api_key.c.id == key_id))
    row = found.mappings().first()
    if row is None:
        raise NotFound
    return row


async def coverage_of(db: Db, key_id: str) -> frozenset[UUID]:
    """Return the organizations that a key covers, held until the transaction ends (primary key); raises NotFound."""
    columns = (
        personal_api_key.c.user_id,
        personal_api_key.c.covered_organizations,
        personal_api_key.c.created_at,
    )
    statement = select(*columns).where(personal_api_key.c.id == key_id).with_for_update()
    row = (await db.execute(statement)).first()
    if row is None:
        raise NotFound
    return covered_organizations(
        row.covered_organizations, row.created_at, await joined_at_of(db, row.user_id)
    )
