"""Places for changes, in the order in which they were committed.

Whoever makes a change only inserts it, and holds up nobody. Whoever reads gives places first, to all that is committed
and has none, under the lock of the project's head: what is committed later comes later, and no place is left out.
"""

import asyncio
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

from sqlalchemy import BigInteger, bindparam, update

from parley.conversations.change_feed.queries import (
    HEAD_LOCKED,
    MINE,
    THIS_HEAD,
    first_unnumbered,
    has_unnumbered,
)
from parley.conversations.change_feed.tables import change, change_head
from parley.kernel.database.database import Database
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

# One by one in a single round trip: asked for many at once, PostgreSQL may sort all that is kept to find them.
_GIVE = Prepared(
    update(change)
    .where(MINE, change.c.id == bindparam("change_id", type_=change.c.id.type))
    .values(place=bindparam("given", type_=change.c.place.type))
)
_MOVE = Prepared(
    update(change_head)
    .where(THIS_HEAD)
    .values(
        last_place=change_head.c.last_place + bindparam("count", type_=BigInteger),
        last_change_id=bindparam("last_id", type_=change_head.c.last_change_id.type),
    )
)


async def locked_head(db: Db, project_id: int) -> int:
    """Lock the head of a project until the transaction ends; return the last place that was given."""
    found = await db.row(HEAD_LOCKED, project_id=project_id)
    if found is None:
        row = insert_for(db.dialect, change_head).values(project_id=project_id, last_place=0)
        await db.execute(row.on_conflict_do_nothing())
        found = await db.row(HEAD_LOCKED, project_id=project_id)
    assert found is not None
    place: int = found[0]
    return place


async def move_head(db: Db, project_id: int, count: int, last_id: UUID) -> None:
    """Give away so many places, the last one to the change with this id."""
    await db.rows(_MOVE, project_id=project_id, count=count, last_id=last_id)


async def give_some_places(db: Db, project_id: int) -> int:
    """Give places to changes without one, the oldest first and at most a batch; return to how many."""
    last = await locked_head(db, project_id)
    ids = await first_unnumbered(db, project_id)
    if ids:
        places = ({"change_id": id, "given": place} for place, id in enumerate(ids, last + 1))
        await db.each(_GIVE, [{"project_id": project_id, **one} for one in places])
        await move_head(db, project_id, len(ids), ids[-1])
    return len(ids)


class _Runs:
    """What this process is numbering, in tasks that no reader who leaves can cut off in the middle of a transaction."""

    def __init__(self) -> None:
        self.waiting: dict[int, asyncio.Task[None]] = {}
        self.locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()


_runs: WeakKeyDictionary[Database, _Runs] = WeakKeyDictionary()


async def give_places(database: Database, project_id: int) -> None:
    """Give a place to every change of the project that is committed by now; all who ask meanwhile share one run."""
    runs = _runs.setdefault(database, _Runs())
    waiting = runs.waiting.get(project_id)
    if waiting is None:
        waiting = runs.waiting[project_id] = asyncio.create_task(_run(database, runs, project_id))
    await asyncio.shield(waiting)


async def _run(database: Database, runs: _Runs, project_id: int) -> None:
    async with runs.locks.setdefault(project_id, asyncio.Lock()):
        # Who comes from now on may know of a change that this run doesn't see any more.
        del runs.waiting[project_id]
        while await has_unnumbered(database, project_id):
            async with database.transaction() as db:
                await give_some_places(db, project_id)
