"""Noting changes, in the transaction that makes them."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert

from parley.conversations.change_feed.schemas import Noted
from parley.conversations.change_feed.tables import change
from parley.kernel.database.bulk import InsertMany
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid

_COLUMNS = ("project_id", "id", "name", "ticket_id", "ticket_number", "message_id", "created_at")
_INSERT = Prepared(
    insert(change).values({name: bindparam(name, type_=change.c[name].type) for name in _COLUMNS})
)
_INSERT_MANY = InsertMany(change, _COLUMNS)


def note(db: Db, changed: Noted) -> None:
    """Have a change stored right before the transaction is committed, together with all others of it."""
    db.before_commit(_store, changed)


async def _store(db: Db, noted: Sequence[Noted]) -> None:
    # The ids are made here, as late as can be: they are the order within what is numbered at one time.
    rows = [
        (one.project_id, new_uuid(), one.name, one.ticket_id, one.ticket_number, one.message_id, one.at)
        for one in dict.fromkeys(noted)
    ]
    if len(rows) == 1:
        await db.write(_INSERT, **dict(zip(_COLUMNS, rows[0], strict=True)))
    else:
        await _INSERT_MANY.run(db, rows)
