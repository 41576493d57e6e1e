"""The client of this process for ClickHouse.

`clickhouse-connect` speaks ClickHouse's HTTP interface, and runs here in a few threads: its asynchronous client would
need another HTTP library beside it, and its client for the embedded engine, on which tests run, has none.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypeVar

from parley.kernel.clickhouse.errors import EventsAway, StatementRefused, translated
from parley.kernel.network.clickhouse_server import ClickHouseServer, clickhouse_server_of

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

T = TypeVar("T")
CONNECT_S = 5
SILENT_S = 90
"""A server that says nothing for so long is away; queries are stopped before, and inserts are small."""
MOST_AT_ONCE = 4
"""Calls at a time in this process; further ones wait for their turn."""

INSERTING = {
    "async_insert": 0,  # stored when it is answered
    "insert_deduplicate": 1,
    "max_partitions_per_insert_block": 0,  # events may be of many months; the months are bounded by the table
    "distributed_foreground_insert": 1,
}
"""The settings of each insert. A block that comes again under its token is left out by ClickHouse itself."""
DELETING = {"lightweight_deletes_sync": 2, "max_execution_time": 3600}


class ClickHouse:
    """One ClickHouse; connected when first needed, and safe to share between tasks."""

    def __init__(
        self, connect: Callable[[], "Client"], *, place: str, database: str, cluster: str | None = None
    ) -> None:
        """`connect` makes a client, in a thread; `place` names the server in sentences."""
        self.place = place
        self.database = database
        self.cluster = cluster
        self._connect = connect
        self._client: Client | None = None
        self._lock = Lock()
        self._threads: ThreadPoolExecutor | None = None

    @classmethod
    def open(cls, url: str) -> Self:
        """Return the client for a URL of the settings; nothing is connected yet."""
        server = clickhouse_server_of(url)
        return cls(
            lambda: _client_of(server), place=server.place, database=server.database, cluster=server.cluster
        )

    async def rows(
        self, sql: str, values: Mapping[str, Any] | None = None, *, settings: Mapping[str, Any] | None = None
    ) -> Sequence[Sequence[Any]]:
        """Return the rows of a SELECT with ClickHouse's own parameters, as in `{name:Type}`; instants are aware.

        Raises EventsAway, and StatementStopped at a limit of the settings.
        """
        given, asked = dict(values or {}), dict(settings or {})
        return await self._run(lambda client: client.query(sql, given, asked).result_rows)

    async def command(
        self, sql: str, values: Mapping[str, Any] | None = None, *, settings: Mapping[str, Any] | None = None
    ) -> None:
        """Run a statement that has no rows; raises EventsAway."""
        given, asked = dict(values or {}), dict(settings or {})
        await self._run(lambda client: client.command(sql, given, settings=asked))

    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, token: str
    ) -> None:
        """Store rows in one block; the same block under the same token is stored once. Raises EventsAway."""
        settings = {**INSERTING, "insert_deduplication_token": token}
        await self._run(lambda client: client.insert(table, rows, column_names=columns, settings=settings))

    async def ping(self) -> str:
        """Return the version of the server; raises EventsAway."""
        return str((await self.rows("SELECT version()"))[0][0])

    async def close(self) -> None:
        """Let go of connections and threads; a call that still runs ends by itself."""
        if self._client is not None:
            await asyncio.to_thread(self._client.close)
            self._client = None
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None

    async def _run(self, call: Callable[["Client"], T]) -> T:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="clickhouse")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, call)

    def _call(self, call: Callable[["Client"], T]) -> T:
        try:
            with self._lock:
                if self._client is None:
                    self._client = self._connect()
            return call(self._client)
        except (EventsAway, StatementRefused):
            raise
        except Exception as error:
            # Without the cause: its text may hold values of the statement, or the address with what it was asked for.
            raise translated(error, self.place) from None


def _client_of(server: ClickHouseServer) -> "Client":
    from clickhouse_connect.driver import create_client

    return create_client(
        host=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        database=server.database,
        interface="https" if server.is_secure else "http",
        connect_timeout=CONNECT_S,
        send_receive_timeout=SILENT_S,
        autogenerate_session_id=False,  # several calls at once
        show_clickhouse_errors=True,
        tz_mode="aware",
        query_retries=1,
        dedicated_pool=True,
        client_name="parley",
    )
