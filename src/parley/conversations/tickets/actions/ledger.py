"""The ledger of a project: numbers of tickets without gaps, and how many tickets have each status.

Its row is locked until the transaction ends. So whoever changes a ticket locks the ticket first and the ledger last;
only the opening of a ticket comes here first, and it touches no ticket that anybody else could hold.
"""

from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import Integer, bindparam, update

from parley.conversations.tickets.rules import STATUSES
from parley.conversations.tickets.tables import ticket_ledger
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

COUNTERS = {status: ticket_ledger.c[f"n_{status}"] for status in STATUSES}
MINE = ticket_ledger.c.project_id == bindparam("project_id")


@lru_cache
def _numbering(status: str) -> Prepared:
    counter, last = COUNTERS[status], ticket_ledger.c.last_number  # type: ignore[index]
    changes = {last: last + 1, counter: counter + 1}
    return Prepared(update(ticket_ledger).where(MINE).values(changes).returning(last))


@lru_cache
def _moving(before: str | None, after: str | None) -> Prepared:
    changes, count = {}, bindparam("count", type_=Integer)
    if before is not None:
        counter = COUNTERS[before]  # type: ignore[index]
        changes[counter] = counter - count
    if after is not None:
        counter = COUNTERS[after]  # type: ignore[index]
        changes[counter] = counter + count
    return Prepared(update(ticket_ledger).where(MINE).values(changes))


async def next_number(db: Db, project_id: int, status: str) -> int:
    """Take the next number for a ticket that opens with this status, and count it."""
    found = await db.row(_numbering(status), project_id=project_id)
    if found is None:
        row = insert_for(db.dialect, ticket_ledger).values(project_id=project_id)
        await db.execute(row.on_conflict_do_nothing())
        found = await db.row(_numbering(status), project_id=project_id)
    assert found is not None
    number: int = found[0]
    return number


async def count_change(
    db: Db, project_id: int, before: str | None, after: str | None, *, count: int = 1
) -> None:
    """Move tickets from one status to another; None is where they are not in any list (not yet, or deleted)."""
    if before != after:
        await db.rows(_moving(before, after), project_id=project_id, count=count)


_SHIFT = Prepared(
    update(ticket_ledger)
    .where(MINE)
    .values({counter: counter + bindparam(f"by_{name}", type_=Integer) for name, counter in COUNTERS.items()})
)


async def count_moves(db: Db, project_id: int, before: Mapping[str, int], after: str | None) -> None:
    """Move so many tickets of each status to one status at once; None is as in `count_change`."""
    steps = {f"by_{name}": -before.get(name, 0) for name in STATUSES}
    if after is not None:
        steps[f"by_{after}"] += sum(before.values())
    await db.rows(_SHIFT, project_id=project_id, **steps)
