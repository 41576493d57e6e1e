"""Writing the activity log. Entries go with their project; nothing but an erasure changes them."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, update

from parley.accounts.activity_log.queries import StoredEntry, entries_about
from parley.accounts.activity_log.schemas import Detail, Entry
from parley.accounts.activity_log.tables import activity_log
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid

_INSERT = Prepared(
    insert(activity_log).values(
        {column.name: bindparam(column.name, type_=column.type) for column in activity_log.c}
    )
)


async def record(db: Db, *entries: Entry) -> None:
    """Write entries in the transaction of the change: both are stored, or neither."""
    await record_all(db, entries)


_SCRUB = Prepared(
    update(activity_log)
    .where(activity_log.c.project_id == bindparam("in_project"), activity_log.c.id == bindparam("entry_id"))
    .values(detail=bindparam("detail", type_=activity_log.c.detail.type))
)


async def erase_changes(
    db: Db,
    project_id: int,
    scope: str,
    items: Sequence[str],
    *,
    is_about: Callable[[Any], bool] | None = None,
) -> int:
    """Take out of entries about the items what was changed, or that part which `is_about` somebody; return how many.

    Who did what and when stays.
    """
    found = await entries_about(db, project_id, scope, items)
    gone = [one for one in found if _is_affected(one, is_about)]
    rows = [
        {
            "in_project": project_id,
            "entry_id": one.id,
            "detail": msgspec.to_builtins(Detail(name=one.detail.get("name"))),
        }
        for one in gone
    ]
    await db.each(_SCRUB, rows)
    return len(gone)


def _is_affected(one: StoredEntry, is_about: Callable[[Any], bool] | None) -> bool:
    if is_about is not None:
        return is_about(one.detail)
    return one.says_what


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
        await db.write(_INSERT, **rows[0])
    else:
        await db.each(_INSERT, rows)
