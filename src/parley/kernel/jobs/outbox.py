"""Writing to the outbox, in the caller's transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert, literal, select

from parley.kernel.database.bulk import InsertMany
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.jobs.registry import Event
from parley.kernel.jobs.tables import ALIVE, outbox

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""The `available_at` of a row that need not wait; independent of any clock."""

_COLUMNS = ("project_id", "id", "handler", "kind", "name", "payload", "available_at", "attempts")
_INSERT = Prepared(
    insert(outbox).values({column: bindparam(column, type_=outbox.c[column].type) for column in _COLUMNS})
)

_INSERT_MANY = InsertMany(outbox, _COLUMNS)

_relays: set[Callable[[], None]] = set()
"""How to wake the relays of this process. Other processes notice a row at their next poll."""


async def emit(
    db: Db, name: str, payload: Mapping[str, Any], *, project_id: int, not_before: datetime | None = None
) -> None:
    """Record an event (`noun.past_participle`) in the caller's transaction, for its handlers."""
    await db.write(_INSERT, **new_event(name, payload, project_id=project_id, not_before=not_before))
    db.after_commit(wake_relays)


async def enqueue(
    db: Db,
    name: str,
    payload: Mapping[str, Any],
    *,
    project_id: int,
    queue: str = "work",
    not_before: datetime | None = None,
    turn: int = 0,
) -> None:
    """Ask for the work `name` (`feature.verb_noun`) in the caller's transaction, in one of the `QUEUES`.

    Without a time it comes before all that has one. So work that asks for its own next piece says `not_before` now: it
    would hold up everything else in its queue until its last piece. Of work without a time, what has a higher `turn` comes
    later: how much the one who asks has under way already, so that the first piece of each comes before more of others.
    """
    at = not_before or AT_ONCE + timedelta(seconds=turn)
    values = new_event(name, payload, project_id=project_id, not_before=at)
    await db.write(_INSERT, **values | {"kind": queue})
    db.after_commit(wake_relays)


_WAITING = Prepared(
    select(literal(1))
    .where(outbox.c.project_id == bindparam("project_id"), outbox.c.name == bindparam("name"), ALIVE)
    .limit(1)
)


async def is_waiting(db: Db, name: str, *, project_id: int) -> bool:
    """Say whether such work is asked for and not done yet; reads what waits of the project (primary key)."""
    return await db.row(_WAITING, project_id=project_id, name=name) is not None


async def asked_work(db: Db, name: str, project_id: int) -> Event | None:
    """Return the oldest work of this name that the project still waits for, also where it was given up (primary key)."""
    c = outbox.c
    asked = select(c.project_id, c.id, c.name, c.payload, c.attempts)
    asked = asked.where(c.project_id == project_id, c.name == name).order_by(c.id).limit(1)
    row: Any = (await db.execute(asked)).first()
    return Event(*row) if row else None


async def finish_work(db: Db, asked: Event) -> bool:
    """Take work out of the outbox in the caller's transaction; False where it was done before, or by another process.

    Work that only changes the database calls this first. Then its effect happens exactly once.
    """
    c = outbox.c
    mine = (c.project_id == asked.project_id, c.id == asked.id, c.kind != "event")
    found: int = (await db.execute(delete(outbox).where(*mine))).rowcount
    return found == 1


async def emit_all(db: Db, name: str, payloads: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Record many events of one name, each with its project, in one statement."""
    rows = [new_event(name, payload, project_id=project_id) for project_id, payload in payloads]
    texts = [row | {"payload": msgspec.json.encode(row["payload"]).decode()} for row in rows]
    await _INSERT_MANY.run(db, [[row[column] for column in _COLUMNS] for row in texts])
    db.after_commit(wake_relays)


def new_event(
    name: str, payload: Mapping[str, Any], *, project_id: int, not_before: datetime | None = None
) -> dict[str, Any]:
    """Return the columns of an event's row, for a hot path that writes it as a part of its own statement.

    Such a path must also call `db.after_commit(wake_relays)`.
    """
    return {
        "project_id": project_id,
        "id": new_uuid(),
        "handler": "",
        "kind": "event",
        "name": name,
        "payload": payload,
        "available_at": not_before or AT_ONCE,
        "attempts": 0,
    }


async def wake_relays() -> None:
    """Let the relays of this process look at the outbox now."""
    for wake in _relays:
        wake()


def add_relay(wake: Callable[[], None]) -> None:
    """Have `wake` called after each commit that wrote to the outbox."""
    _relays.add(wake)


def remove_relay(wake: Callable[[], None]) -> None:
    """Undo `add_relay`."""
    _relays.discard(wake)
