"""The outbox: one row for everything that a transaction still has to cause.

A row leaves the table only when its effect is there. One that fails for good is marked dead and stays.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, bindparam, insert

from parley.kernel.db import Db, Json, UtcDateTime, Uuid, metadata
from parley.kernel.ids import new_uuid
from parley.kernel.prepared import Prepared

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""The `available_at` of a row that need not wait; independent of any clock."""

outbox = Table(
    "outbox",
    metadata,
    # 0 for what belongs to no project, such as the mail for a password reset.
    Column("project_id", Integer, nullable=False),
    # Version 7, so rows that are due at the same time are handled in the order they were written in.
    Column("id", Uuid, nullable=False),
    # Empty until an event with several handlers had a failure; then each handler has a row of its own.
    Column("handler", String(200), nullable=False, server_default=""),
    Column("kind", String(10), nullable=False),
    Column("name", String(100), nullable=False),
    Column("payload", Json, nullable=False),
    Column("available_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    # The process that works on it; `available_at` is then the end of its lease.
    Column("holder", String(36)),
    Column("dead_at", UtcDateTime),
    PrimaryKeyConstraint("project_id", "id", "handler"),
)

ALIVE = outbox.c.dead_at.is_(None)

Index(
    "ix_outbox_due",
    outbox.c.kind,
    outbox.c.available_at,
    outbox.c.id,
    sqlite_where=ALIVE,
    postgresql_where=ALIVE,
)

_COLUMNS = ("project_id", "id", "handler", "kind", "name", "payload", "available_at", "attempts")
_INSERT = Prepared(
    insert(outbox).values({column: bindparam(column, type_=outbox.c[column].type) for column in _COLUMNS})
)

_relays: set[Callable[[], None]] = set()
"""How to wake the relays of this process. Other processes notice a row at their next poll."""


async def emit(
    db: Db, name: str, payload: Mapping[str, Any], *, project_id: int, not_before: datetime | None = None
) -> None:
    """Record an event (`noun.past_participle`) in the caller's transaction, for its handlers."""
    await db.rows(_INSERT, **new_event(name, payload, project_id=project_id, not_before=not_before))
    db.after_commit(wake_relays)


async def enqueue(
    db: Db, name: str, payload: Mapping[str, Any], *, project_id: int, not_before: datetime | None = None
) -> None:
    """Ask for the work `name` (`feature.verb_noun`) in the caller's transaction."""
    values = new_event(name, payload, project_id=project_id, not_before=not_before)
    await db.rows(_INSERT, **values | {"kind": "work"})
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
