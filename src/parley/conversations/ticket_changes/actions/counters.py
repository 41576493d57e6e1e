"""The counters of a project: numbers of tickets without gaps, and how many tickets have each status.

Its row is locked until the transaction ends. So whoever changes a ticket locks the ticket first and the counters last;
only the opening of a ticket comes here first, and it touches no ticket that anybody else could hold.
"""

from functools import lru_cache

from sqlalchemy import Integer, bindparam, update

from parley.conversations.ticket_changes.tables import ticket_ledger
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

COUNTERS = {column.name[2:]: column for column in ticket_ledger.c if column.name.startswith("n_")}
MINE = ticket_ledger.c.project_id == bindparam("project_id")


@lru_cache
def _numbering(status: str) -> Prepared:
    counter, last = COUNTERS[status], ticket_ledger.c.last_number
    changes = {last: last + 1, counter: counter + 1}
    return Prepared(update(ticket_ledger).where(MINE).values(changes).returning(last))


@lru_cache
def _moving(before: str | None, after: str | None) -> Prepared:
    changes, count = {}, bindparam("count", type_=Integer)
    if before is not None:
        counter = COUNTERS[before]
        changes[counter] = counter - count
    if after is not None:
        counter = COUNTERS[after]
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


_SHIFT = Prepared(
    update(ticket_ledger)
    .where(MINE)
    .values({counter: counter + bindparam(f"by_{name}", type_=Integer) for name, counter in COUNTERS.items()})
)


Moves = dict[tuple[str | None, str | None], int]
"""How many tickets go from one status to another; None is where they are in no list (not yet, or deleted)."""


async def count_moves(db: Db, project_id: int, moves: Moves) -> None:
    """Count tickets of a project under their new statuses, in one statement."""
    if len(moves) == 1:
        [((before, after), count)] = moves.items()
        await db.write(_moving(before, after), project_id=project_id, count=count)
        return
    steps = dict.fromkeys((f"by_{name}" for name in COUNTERS), 0)
    for (before, after), count in moves.items():
        if before is not None:
            steps[f"by_{before}"] -= count
        if after is not None:
            steps[f"by_{after}"] += count
    await db.write(_SHIFT, project_id=project_id, **steps)
