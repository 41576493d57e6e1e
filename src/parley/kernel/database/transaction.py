"""One open transaction, as features see it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from parley.kernel.database.error_translation import is_conflict, is_connection_lost
from parley.kernel.database.prepared import Prepared, run_together

MOST_TOGETHER = 16
"""Statements that PostgreSQL gets in one; each number of them is a statement that it has to learn."""


class Db:
    """One open transaction. It belongs to one request or job and to one task at a time."""

    def __init__(self, connection: AsyncConnection, driver: Any, *, ships_events: bool = False) -> None:
        self.connection = connection
        self.driver = driver
        self.dialect: Dialect = connection.dialect
        self.ships_events = ships_events
        self.effects: list[Callable[[], Awaitable[None]]] = []
        self.gathered: dict[Callable[[Db, list[Any]], Awaitable[None]], list[Any]] = {}
        self._waiting: list[tuple[Prepared, list[Any]]] = []
        self._written: set[str] = set()  # the tables of what waits

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement and return its buffered result."""
        await self.send_waiting()
        return await self.connection.execute(statement, parameters)

    async def rows(self, prepared: Prepared, **values: Any) -> Sequence[Sequence[Any]]:
        """Run a prepared statement on the driver and return its rows, with the column types applied."""
        await self.send_waiting()
        return await prepared.run(self.driver, self.dialect, values)

    async def row(self, prepared: Prepared, **values: Any) -> Sequence[Any] | None:
        """Return the first row of a prepared statement, or None."""
        await self.send_waiting()
        found = await prepared.run(self.driver, self.dialect, values)
        return found[0] if found else None

    async def each(self, prepared: Prepared, many: Sequence[dict[str, Any]]) -> None:
        """Run a prepared statement once for each set of values, in one round trip."""
        if many:
            await self.send_waiting()
            await prepared.run_each(self.driver, self.dialect, many)

    async def write(self, prepared: Prepared, **values: Any) -> None:
        """Run a prepared INSERT, UPDATE or DELETE of which nobody waits for rows, and which reads no other row.

        PostgreSQL gets it together with all others that are written so, right before anything else is asked of it and at
        COMMIT at the latest: one round trip instead of one for each. So it is there that it fails.
        """
        if self.dialect.name == "sqlite":
            await prepared.run(self.driver, self.dialect, values)
            return
        compiled = prepared.compiled_for(self.dialect)
        is_changed = prepared.writes_to in self._written and not compiled.only_adds
        if is_changed or len(self._waiting) == MOST_TOGETHER:
            await self.send_waiting()
        # Encoded now, so that what a caller changes later doesn't change what was written.
        self._waiting.append((prepared, compiled.arguments(values)))
        self._written.add(prepared.writes_to)

    async def send_waiting(self) -> None:
        """Run what was written and waits."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._written.clear()
            await run_together(self.driver, self.dialect, waiting)

    def before_commit(self, store: Callable[["Db", list[Any]], Awaitable[None]], item: Any) -> None:
        """Call `store` once, right before COMMIT, with every item that was given for it; its failure undoes all."""
        self.gathered.setdefault(store, []).append(item)

    async def finish_writing(self) -> None:
        """Write now what waits for COMMIT, for who reads back what is stored."""
        while self.gathered:
            store, items = next(iter(self.gathered.items()))
            del self.gathered[store]
            await store(self, items)
        await self.send_waiting()

    async def allow_hashes(self) -> None:
        """Let PostgreSQL join by hashes, too, read an index whole, and remember each row that an index has found.

        To the end of the transaction, for what reads very many rows. By default the pages of an index count as slower
        than those of a table, and four megabytes hold whole pages instead of rows. Each statement is planned for its
        own values: one plan for rare and common words suits neither.
        """
        if self.dialect.name == "postgresql":
            wanted = (
                "enable_hashjoin = on",
                "random_page_cost = 1.1",
                "work_mem = '32MB'",
                "plan_cache_mode = force_custom_plan",
            )
            await run_command(self.driver, "; ".join(f"SET LOCAL {setting}" for setting in wanted))

    def after_commit(self, effect: Callable[[], Awaitable[None]]) -> None:
        """Run `effect` once the transaction is committed; what it raises is logged and changes nothing."""
        self.effects.append(effect)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo the statements inside, and only these, when one of them fails."""
        await self.send_waiting()
        await run_command(self.driver, "SAVEPOINT inner_part")
        gathered = {store: [*items] for store, items in self.gathered.items()}
        n_effects = len(self.effects)
        try:
            yield
            await self.send_waiting()
        except BaseException as error:
            self._waiting.clear()
            self._written.clear()
            # What was left for the end of the transaction by what is undone here is undone, too.
            self.gathered = gathered
            del self.effects[n_effects:]
            # Otherwise the whole transaction ends: nothing can be said on this connection any more, or need be.
            if isinstance(error, Exception) and not (is_connection_lost(error) or is_conflict(error)):
                await run_command(self.driver, "ROLLBACK TO SAVEPOINT inner_part")
                await run_command(self.driver, "RELEASE SAVEPOINT inner_part")
            raise
        await run_command(self.driver, "RELEASE SAVEPOINT inner_part")


async def run_command(driver: Any, sql: str) -> None:
    """Run a command without values, such as COMMIT, on the driver."""
    await driver.execute(sql)
