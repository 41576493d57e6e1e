"""A real server in the process of the tests, for what an in-process client can't show: sockets, and other libraries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from granian.constants import Interfaces

from parley.server import listener
from tests import servers


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[int]:
    """Serve an application on a free port of loopback, which is yielded once it takes connections."""
    found = servers.free_port()
    server = listener.ListeningServer(
        app, address="127.0.0.1", port=found, interface=Interfaces.ASGINL, log_enabled=False
    )
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", found)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                break
    try:
        yield found
    finally:
        server.stop()
        await running
