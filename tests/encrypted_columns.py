"""Looks for encrypted texts where `parley rotate-key` would not look for them."""

from sqlalchemy import JSON, Text, cast, select
from sqlalchemy.types import String

from parley.kernel.database.columns import metadata
from parley.kernel.database.database import Database
from parley.kernel.secrets import SEALED_BEGIN


async def check_all_encrypted_columns_are_marked(database: Database) -> None:
    """Raise AssertionError where a test has left an encrypted text in a column without `info=ENCRYPTED`."""
    async with database.transaction(write=False) as db:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if "encrypted" in column.info or not isinstance(column.type, String | JSON):
                    continue
                start = f'%"{SEALED_BEGIN}%' if isinstance(column.type, JSON) else f"{SEALED_BEGIN}%"
                found = select(cast(column, Text)).where(cast(column, Text).like(start)).limit(1)
                text = (await db.execute(found)).scalar_one_or_none()
                assert text is None, f"{table.name}.{column.name} has an encrypted text: add info=ENCRYPTED"
