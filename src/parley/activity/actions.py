"""Writing the activity log. Entries are never changed; they go with their project."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, insert

from parley.activity.schemas import Detail
from parley.activity.tables import activity_log
from parley.kernel.db import Db
from parley.kernel.ids import new_uuid
from parley.kernel.prepared import Prepared


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done to one item. `user_id` is None where the system did it."""

    project_id: int
    user_id: int | None
    activity: str
    scope: str
    item_id: str
    detail: Detail
    created_at: datetime


_INSERT = Prepared(
    insert(activity_log).values(
        {column.name: bindparam(column.name, type_=column.type) for column in activity_log.c}
    )
)


async def record(db: Db, *entries: Entry) -> None:
    """Write entries in the transaction of what they tell of: all of it is stored, or nothing."""
    await record_all(db, entries)


async def record_all(db: Db, entries: Sequence[Entry]) -> None:
    """Write many entries in one round trip, in their order."""
    if not entries:
        return
    rows = [
        {
            **msgspec.structs.asdict(entry),
            "id": new_uuid(),
            "detail": msgspec.to_builtins(entry.detail),
            "was_impersonated": False,
        }
        for entry in entries
    ]
    if len(rows) == 1:
        await db.rows(_INSERT, **rows[0])
    else:
        await db.each(_INSERT, rows)
