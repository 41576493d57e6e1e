"""`python -m benchmarks.trials.connection_pool`: `Pool` beside the pools of SQLAlchemy and asyncpg, on PostgreSQL."""

import asyncio
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from benchmarks.trials import Call, compare
from parley.kernel.database.pool import Pool
from tests.servers import start_postgres

MOST, LIMIT, TAKERS = 20, 5, 15
QUERY = "SELECT $1::int"


def engine_of(url: str, **options: Any) -> AsyncEngine:
    return create_async_engine(
        url.replace("postgresql:", "postgresql+asyncpg:", 1), isolation_level="AUTOCOMMIT", **options
    )


class Pools:
    """The three pools on one database; each can lend a connection for as long as `use` of it takes."""

    def __init__(self, url: str, bare: Any) -> None:
        self.bare = bare
        self.own = Pool(engine_of(url, poolclass=NullPool), kept=10, most=MOST)
        self.engine = engine_of(url, pool_size=10, max_overflow=MOST - 10, pool_reset_on_return=None)

    async def close(self) -> None:
        await self.own.discard_free()
        await self.engine.dispose()

    async def ours(self, use: Any) -> None:
        loan = await self.own.take()
        try:
            await use(loan.driver)
        finally:
            await self.own.give_back(loan)

    async def sqlalchemy(self, use: Any) -> None:
        async with self.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            await use(raw.driver_connection)

    async def asyncpg(self, use: Any) -> None:
        async with self.bare.acquire() as connection:
            await use(connection)


async def _nothing(_: Any) -> None:
    return


async def _one_row(connection: Any) -> None:
    await connection.fetchrow(QUERY, 1)


async def _a_while(connection: Any) -> None:
    await connection.fetchrow("SELECT pg_sleep(0.05)")


async def _no_reset(_: Any) -> None:
    return


async def measure(url: str) -> None:
    async with asyncpg.create_pool(url, min_size=1, max_size=MOST, reset=_no_reset) as bare:
        pools = Pools(url, bare)
        ways = {"ours": pools.ours, "sqlalchemy": pools.sqlalchemy, "asyncpg, without reset": pools.asyncpg}
        calls: dict[str, Call] = {}
        for name, way in ways.items():
            calls[f"{name}: lend"] = lambda way=way: way(_nothing)  # type: ignore[misc]
            calls[f"{name}: lend, select one row"] = lambda way=way: way(_one_row)  # type: ignore[misc]
        await compare(calls)
        await pools.close()


async def measure_exhaustion(url: str) -> None:
    """Have more tasks than the database gives connections to, each for 50 ms."""
    for name in ("ours", "sqlalchemy", "asyncpg"):
        async with asyncpg.create_pool(url, min_size=0, max_size=MOST) as bare:
            pools = Pools(url, bare)
            way = getattr(pools, name)
            done = await asyncio.gather(*(way(_a_while) for _ in range(TAKERS)), return_exceptions=True)
            failed = sum(isinstance(one, Exception) for one in done)
            print(f"{name:<48}{failed:>4} of {TAKERS} tasks failed with {LIMIT} connections")
            await pools.close()


async def main() -> None:
    server = start_postgres()
    try:
        url = server.make_database("trial")
        await measure(url)
        connection = await asyncpg.connect(url)
        await connection.execute(f"CREATE ROLE few LOGIN CONNECTION LIMIT {LIMIT}")
        await connection.close()
        await measure_exhaustion(url.replace("parley@", "few@"))
    finally:
        server.remove()


if __name__ == "__main__":
    asyncio.run(main())
