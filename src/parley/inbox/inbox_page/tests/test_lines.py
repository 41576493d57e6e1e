"""The line of an open inbox to the server: what changes once it is open is heard, however busy the server is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event
from typing import Any

import httpx

from tests.cast import Cast

PATIENCE_S = 60
MOST_THREADS = 32  # of the loop


class Line:
    """A browser's line to `/inbox/stream`: `opened` once it has the head of the answer, and then what it reads."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.opened = asyncio.Event()
        self.read = b""
        self._request = client.build_request("GET", "/inbox/stream")

    @property
    def scope(self) -> dict[str, Any]:
        headers = [(name.lower(), value) for name, value in self._request.headers.raw]
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/inbox/stream",
            "raw_path": b"/inbox/stream",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }

    async def has_read(self, event: str) -> None:
        """Wait until an event with this name has come."""
        async with asyncio.timeout(PATIENCE_S):
            while event.encode() not in self.read:
                await asyncio.sleep(0.01)

    async def receive(self) -> Any:
        await asyncio.Event().wait()

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
            self.opened.set()
        else:
            self.read += message["body"]


@asynccontextmanager
async def line_of(client: httpx.AsyncClient) -> AsyncIterator[Line]:
    """Open a line of a signed-in browser, until the end."""
    line = Line(client)
    app = client._transport.app  # type: ignore[attr-defined]
    task = asyncio.create_task(app(line.scope, line.receive, line.send))
    async with asyncio.timeout(PATIENCE_S):
        await line.opened.wait()
        yield line
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_changes_as_soon_as_the_line_is_open_is_heard_although_every_thread_is_busy(
    cast: Cast, alice, project, services
):
    """A page calls itself live when the head of the answer is there, and the next ticket may come at once."""
    go_on = Event()
    busy = [asyncio.get_running_loop().run_in_executor(None, go_on.wait) for _ in range(MOST_THREADS)]
    try:
        async with line_of(await cast.sign_in(alice)) as line:
            await services.live.publish(f"project:{project.id}", "ticket.opened", number=7)
            go_on.set()
            while b"event: inbox\ndata: 7\n\n" not in line.read:
                await asyncio.sleep(0.01)
    finally:
        go_on.set()
        await asyncio.gather(*busy)
    assert not services.live._queues
