"""Notes of what is to be shipped, written by what stores it and removed by what ships it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete, func, insert, literal, update

from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import emit
from parley.people.shipments.rules import ShipmentKind
from parley.people.shipments.tables import shipment, shipped_project, shipping

ERASED = "people.erased"
MOST_KEYS = 1000
"""Of one shipment."""
ERASED_AT_ONCE = 500

_INSERT = Prepared(
    insert(shipment).values({column.name: bindparam(column.name, type_=column.type) for column in shipment.c})
)


async def note(
    db: Db,
    project_id: int,
    kind: ShipmentKind,
    keys: Sequence[UUID] | Sequence[str],
    now: datetime,
    *,
    n_bytes: int = 0,
) -> None:
    """Note what is to be shipped where ClickHouse is used; `n_bytes` is about how large it is."""
    if not (db.ships_events and keys):
        return
    for start in range(0, len(keys), MOST_KEYS):
        some = keys[start : start + MOST_KEYS]
        await db.write(
            _INSERT,
            project_id=project_id,
            id=new_uuid(),
            kind=kind.value,
            keys=[str(key) for key in some],
            n_keys=len(some),
            n_bytes=n_bytes * len(some) // len(keys),
            created_at=now,
        )


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What must leave ClickHouse, too: persons, mappings of distinct ids, and events by one of three marks.

    Of persons and mappings what was shipped up to `version`; of events under distinct ids what came in up to `until`.
    """

    project_id: int
    until: datetime
    version: int = 0
    person_ids: Sequence[UUID] = ()
    distinct_ids: Sequence[str] = ()
    events_of: Sequence[str] = ()
    ticket_ids: Sequence[UUID] = ()
    event_ids: Sequence[UUID] = ()


async def note_erased(db: Db, project_id: int, until: datetime, **lists: Sequence[Any]) -> None:
    """Have persons, mappings or events deleted in ClickHouse, too, where it is used; `lists` are those of `Erased`.

    The note belongs to no project: it holds what an erasure of pending work would remove.
    """
    if not (db.ships_events and any(lists.values())):
        return
    version = await next_version(db)
    for name, items in lists.items():
        for start in range(0, len(items), ERASED_AT_ONCE):
            some: Mapping[str, Any] = {name: items[start : start + ERASED_AT_ONCE]}
            gone = Erased(project_id=project_id, until=until, version=version, **some)
            await emit(db, ERASED, msgspec.to_builtins(gone), project_id=0)


_COUNT = Prepared(
    update(shipping)
    .where(shipping.c.name == "persons")
    .values(version=shipping.c.version + 1)
    .returning(shipping.c.version)
)


async def next_version(db: Db) -> int:
    """Return a number that no transaction before had; those after wait for this one to end."""
    row = await db.row(_COUNT)
    if row is None:
        begun = insert_for(db.dialect, shipping).values(name="persons", version=0)
        await db.execute(begun.on_conflict_do_nothing())
        row = await db.row(_COUNT)
    assert row is not None
    version: int = row[0]
    return version


async def remove_shipments(db: Db, keys: Mapping[int, Sequence[UUID]]) -> None:
    """Remove shipments, by project, that have arrived; safe to run twice."""
    for project_id, ids in sorted(keys.items()):
        await db.rows(_REMOVE, project_id=project_id, ids=ids)


_REMOVE = Prepared(
    delete(shipment).where(
        shipment.c.project_id == bindparam("project_id"),
        is_one_of(shipment.c.id, listed("ids", shipment.c.id)),
    )
)


async def note_outcome(db: Db, error: str | None, now: datetime) -> None:
    """Keep why nothing arrives, and since when; None says that it does again."""
    values: dict[str, Any] = {"failing_since": None, "last_error": None}
    if error is not None:
        since = func.coalesce(shipping.c.failing_since, literal(now, shipping.c.failing_since.type))
        values = {"failing_since": since, "last_error": error[:500]}
    await next_version(db)  # so the row is there
    await db.execute(update(shipping).where(shipping.c.name == "persons").values(values))


async def note_progress(
    db: Db, project_id: int, kind: ShipmentKind, after: Any, *, is_complete: bool = False
) -> None:
    """Keep how far a project's older rows are noted: `after` is the key of the last one, of this kind."""
    values = {"kind": kind.value, "after": after, "is_complete": is_complete}
    row = insert_for(db.dialect, shipped_project).values(project_id=project_id, **values)
    await db.execute(row.on_conflict_do_update(index_elements=["project_id"], set_=values))


async def forget_everything(db: Db) -> int:
    """Where ClickHouse isn't used any more: if it is again, all is shipped anew. Return whether there was something."""
    n_projects = (await db.execute(delete(shipped_project))).rowcount
    return n_projects + (await db.execute(delete(shipment))).rowcount
