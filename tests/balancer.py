"""A plain TCP balancer: each connection goes to the next server that accepts one."""

import asyncio
from collections.abc import Callable
from contextlib import suppress


class Balancer:
    """Listens on a free loopback port while it is entered."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.port = 0
        self.n_connections = dict.fromkeys(ports, 0)
        self._next = 0
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()
        self._n_silences = 0

    async def __aenter__(self) -> "Balancer":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fall_silent(self) -> None:
        """Have the connections of now carry nothing any more and stay open, as when a machine is gone; new ones work."""
        self._n_silences += 1

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        before = self._n_silences
        try:
            there = await self._connected()
            copies = (
                _copy(*pair, lambda: before < self._n_silences)
                for pair in ((reader, there[1]), (there[0], writer))
            )
            await asyncio.gather(*copies)
        except OSError:
            writer.transport.abort()  # no server, or one that has died: the client sees what a proxy would pass on

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._next += 1
        first = self._next % len(self.ports)
        for port in self.ports[first:] + self.ports[:first]:
            with suppress(ConnectionRefusedError):
                opened = await asyncio.open_connection("127.0.0.1", port)
                self.n_connections[port] += 1
                return opened
        raise ConnectionRefusedError


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_silent: Callable[[], bool]
) -> None:
    try:
        while chunk := await reader.read(65536):
            if is_silent():
                await asyncio.Event().wait()
            writer.write(chunk)
            await writer.drain()
    finally:
        with suppress(OSError):
            writer.close()
