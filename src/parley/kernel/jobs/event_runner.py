"""Events: handled and removed in one transaction, so that every effect happens exactly once."""

from collections.abc import Sequence
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, literal_column, select, tuple_

from parley.kernel.database.prepared import Prepared
from parley.kernel.database.retries import called_again
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.jobs.after_failure import (
    Failed,
    NoHandler,
    note_failure,
    outcome_of,
)
from parley.kernel.jobs.outbox import AT_ONCE
from parley.kernel.jobs.registry import (
    RETRIES_S,
    Event,
    Handler,
    Registry,
)
from parley.kernel.jobs.tables import ALIVE, outbox
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

c = outbox.c

BATCH = 50
LONGEST_BATCH_S = {"sqlite": 0.02, "postgresql": 0.2}
"""A batch commits after this time: on SQLite nobody else can write meanwhile."""


TURN = Prepared(select(func.pg_try_advisory_xact_lock(literal_column(str(0x7061726C6579)))))


class EventRunner:
    """Calls the handlers of events."""

    def __init__(self, services: Services, registry: Registry) -> None:
        self._services = services
        self._database = services.database
        self._clock = services.clock
        self._registry = registry

    @called_again
    async def handle_due(self) -> int:
        """Handle some events that are due, the oldest first; return how many; 0 when none is due.

        They share a transaction, which costs one commit. When one of them fails, all of them are undone and
        each is handled again in a transaction of its own.
        """
        rows: Sequence[Any] = ()
        try:
            async with self._database.transaction() as db:
                if not await _take_turn(db):
                    return 0
                rows = (await db.execute(self._due().limit(BATCH))).all()
                return await self._handle(db, rows)
        except Unavailable:
            raise
        except Exception:
            if not rows:
                raise
            for row in rows:
                await self._handle_alone(row)
            return len(rows)

    def _due(self) -> Select[Any]:
        """Select due events in order, except those that another process holds. Served by ix_outbox_due."""
        due = select(c.project_id, c.id, c.name, c.payload, c.attempts, c.handler)
        due = due.where(c.kind == "event", ALIVE, c.available_at <= self._clock.now())
        return due.order_by(c.available_at, c.id).with_for_update(skip_locked=True)

    async def _handle(self, db: Db, rows: Sequence[Any]) -> int:
        until = monotonic() + LONGEST_BATCH_S[db.dialect.name]
        done = []
        for row in rows:
            event = Event(*row[:5])
            for handler in self._handlers(event, row.handler):
                await outcome_of(handler.function(db, self._services, event))
            done.append((row.project_id, row.id, row.handler))
            if monotonic() > until:
                break
        if done:
            await db.execute(delete(outbox).where(tuple_(c.project_id, c.id, c.handler).in_(done)))
        return len(done)

    @called_again
    async def _handle_alone(self, seen: Any) -> None:
        event = Event(*seen[:5])
        try:
            async with self._database.transaction() as db:
                # It is read again, for another process may have handled it since the batch was undone.
                row = (await db.execute(self._due().where(_is(seen)))).first()
                if row is not None and not await self._split(db, event, row):
                    await self._handle(db, [row])
        except Unavailable:
            raise
        except Exception as trouble:
            # What its handlers left for the end of the transaction may fail as well.
            failed = trouble if isinstance(trouble, Failed) else Failed(trouble)
            facts = {"name": event.name, "id": str(event.id), "attempts": event.attempts}
            log.error("event_handler_failed", **facts, exc_info=failed.error)
            async with self._database.transaction() as db:
                now = self._clock.now()
                await note_failure(db, event, seen.handler, str(failed), now, RETRIES_S)

    async def _split(self, db: Db, event: Event, row: Any) -> bool:
        """Give each handler of an event a row of its own, so that none waits for another one that fails."""
        handlers = self._handlers(event, row.handler)
        if row.handler or len(handlers) < 2:
            return False
        await db.execute(delete(outbox).where(_is(row)))
        common = {"project_id": row.project_id, "id": row.id, "kind": "event", "name": row.name}
        for handler in handlers:
            own = insert(outbox).values(
                **common, payload=row.payload, handler=handler.name, available_at=AT_ONCE
            )
            await db.execute(own)
        return True

    def _handlers(self, event: Event, wanted: str) -> Sequence[Handler]:
        handlers = self._registry.handlers.get(event.name, [])
        if not wanted:
            return handlers
        found = [handler for handler in handlers if handler.name == wanted]
        if not found:
            raise Failed(NoHandler(f"the event {event.name} has no handler {wanted}"))
        return found


async def _take_turn(db: Db) -> bool:
    """Say whether this process may handle events now. Only one process at a time may, so that their order is kept."""
    if db.dialect.name == "sqlite":
        return True
    [(mine,)] = await db.rows(TURN)
    return bool(mine)


def _is(row: Any) -> ColumnElement[bool]:
    return and_(c.project_id == row.project_id, c.id == row.id, c.handler == row.handler)
