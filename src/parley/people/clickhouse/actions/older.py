"""What was stored before the setting was on is noted for shipping, in pieces and with pauses where much waits already."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from parley.kernel.database.transaction import Db
from parley.people.clickhouse.queries import keys_after
from parley.people.shipments.actions import MOST_KEYS, note, note_progress
from parley.people.shipments.queries import Progress, next_incomplete, next_shipments
from parley.people.shipments.rules import ShipmentKind

ENOUGH = 40
"""With so many shipments waiting, nothing older is added: what comes in now goes first."""
ORDER = tuple(ShipmentKind)


async def note_older(db: Db, now: datetime) -> bool:
    """Note the next piece of what a project had before; return whether there was one to note."""
    if len(await next_shipments(db, ENOUGH)) >= ENOUGH:
        return False
    progress = await next_incomplete(db)
    if progress is None:
        return False
    kind = progress.kind or ORDER[0]
    rows = await keys_after(db, progress.project_id, kind, _read(kind, progress.after), MOST_KEYS)
    keys: list[Any] = [row[-1] for row in rows]
    await note(db, progress.project_id, kind, keys, now, n_bytes=sum(row[0] for row in rows))
    await _go_on(db, progress, kind, rows)
    return True


async def _go_on(db: Db, progress: Progress, kind: ShipmentKind, rows: Sequence[Sequence[Any]]) -> None:
    if len(rows) == MOST_KEYS:
        await note_progress(db, progress.project_id, kind, _written(rows[-1][1:]))
    elif kind is ORDER[-1]:
        await note_progress(db, progress.project_id, kind, [], is_complete=True)
    else:
        await note_progress(db, progress.project_id, ORDER[ORDER.index(kind) + 1], [])


def _written(key: Sequence[Any]) -> list[str]:
    return [one.isoformat() if isinstance(one, datetime) else str(one) for one in key]


def _read(kind: ShipmentKind, after: Sequence[str] | None) -> tuple[Any, ...]:
    if not after:
        return ()
    match kind:
        case ShipmentKind.EVENTS:
            return (datetime.fromisoformat(after[0]), UUID(after[1]))
        case ShipmentKind.PERSONS:
            return (UUID(after[0]),)
        case ShipmentKind.DISTINCT_IDS:
            return (after[0],)
