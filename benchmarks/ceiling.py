"""The ceiling: what this machine, server and database allow when nothing is done but the work itself.

A bare ASGI program, served as Parley is, with the same answers and equally durable writes. It has no accounts, no
checks, no framework and no layers: each route is one prepared statement whose JSON goes out as it is.
"""

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvloop

from benchmarks import ceiling_sql
from parley.kernel.ids import new_uuid

CONNECTIONS = 8
STATEMENTS = ("LIST", "GET", "UNREAD", "MESSAGE", "OPEN", "CAPTURE")
HEADERS = [(b"content-type", b"application/json")]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Statements = dict[str, Any]


class Ceiling:
    """The program; it knows one project."""

    def __init__(self, project_id: int) -> None:
        self.project_id = project_id
        self.free: asyncio.LifoQueue[Statements] = asyncio.LifoQueue()
        self.unread: dict[int, int] = {}
        self.tickets = f"/api/projects/{project_id}/conversations/tickets/"

    async def connect(self, url: str) -> None:
        """Open every connection and prepare every statement on each."""
        for _ in range(CONNECTIONS):
            connection = await asyncpg.connect(url, server_settings={"timezone": "UTC", "jit": "off"})
            prepared = {name: await connection.prepare(getattr(ceiling_sql, name)) for name in STATEMENTS}
            self.free.put_nowait(prepared)

    async def run(self, name: str, *values: Any) -> Any:
        """Run a statement with the project as its first value; return the first row."""
        statements = await self.free.get()
        try:
            return await statements[name].fetchrow(self.project_id, *values)
        finally:
            self.free.put_nowait(statements)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if scope["method"] == "GET":
            answer = await self.read(path)
        else:
            answer = await self.write(path, msgspec.json.decode(await _body(receive)))
        status = 201 if path == self.tickets and scope["method"] == "POST" else 200
        await send({"type": "http.response.start", "status": status, "headers": HEADERS})
        await send({"type": "http.response.body", "body": answer, "more_body": False})

    async def read(self, path: str) -> bytes:
        """Answer a GET."""
        last = path[len(self.tickets) :].rstrip("/")
        if last == "unread_count":
            if self.project_id not in self.unread:
                self.unread[self.project_id] = (await self.run("UNREAD"))[0]
            return b'{"count":%d}' % self.unread[self.project_id]
        if last:
            found = await self.run("GET", UUID(last))
            answer: str = found[0]
            return answer.encode()
        results, count = await self.run("LIST")
        return f'{{"count":{count},"next":null,"previous":null,"results":[{results}]}}'.encode()

    async def write(self, path: str, sent: dict[str, Any]) -> bytes:
        """Answer a POST."""
        if path.startswith("/batch"):
            await self.run("CAPTURE", msgspec.json.encode(sent["batch"]).decode())
            return b'{"status":1}'
        self.unread.clear()
        if path == self.tickets:
            found = await self.run("OPEN", *_opened(sent))
        else:
            found = await self.run("MESSAGE", *_message(sent))
        answer: str = found[0]
        return answer.encode()


def _opened(sent: dict[str, Any]) -> tuple[Any, ...]:
    traits = msgspec.json.encode(sent["anonymous_traits"]).decode()
    session = new_uuid()
    return new_uuid(), session, sent["distinct_id"], sent["priority"], traits, sent["message"], new_uuid()


def _message(sent: dict[str, Any]) -> tuple[Any, ...]:
    traits, context = (msgspec.json.encode(sent[name]).decode() for name in ("traits", "session_context"))
    ids = UUID(sent["ticket_id"]), UUID(sent["widget_session_id"]), new_uuid()
    return *ids, sent["message"], traits, context, sent["session_id"]


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _serve(url: str, project_id: int, port: int) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.server.embed import Server

    app = Ceiling(project_id)
    await app.connect(url)
    server = Server(
        app,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
        backlog=1024,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    announcing = asyncio.create_task(_announce(port))
    await server.serve()
    announcing.cancel()


async def _announce(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            break
    print(f"The ceiling is ready at http://127.0.0.1:{port}", flush=True)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--project", type=int, required=True)
    given = parser.parse_args()
    uvloop.run(_serve(given.database, given.project, given.port))


if __name__ == "__main__":
    main()
