"""A fast receiver of webhooks, as a process of its own: it counts what comes, and looks whether the order is kept."""

import argparse
import asyncio
import json
from typing import Any, ClassVar

import msgspec
import uvloop

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


class Counts(msgspec.Struct):
    """What has come at one path. `reversed` are messages that came after a later one of the same ticket."""

    came: int = 0
    repeated: int = 0
    reversed: int = 0
    connections: int = 0


class Receiver(asyncio.Protocol):
    """One connection. `GET /counts` answers what has come so far; `/slow` is never answered."""

    counts: ClassVar[dict[str, Counts]] = {}
    seen: ClassVar[dict[str, set[str]]] = {}
    last: ClassVar[dict[tuple[str, str], int]] = {}

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.rest = b""
        self.is_counted = False

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            head = self.rest[:end].decode().split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in head[1:])
            length = int(fields.get("content-length", 0))
            if len(self.rest) < end + 4 + length:
                return
            body, self.rest = self.rest[end + 4 : end + 4 + length], self.rest[end + 4 + length :]
            self._answer(head[0].split(" ")[1], fields, body)

    def _answer(self, path: str, fields: dict[str, str], body: bytes) -> None:
        if path == "/counts":
            text = msgspec.json.encode(self.counts)
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
            return
        self._count(path, fields["webhook-id"], body)
        if path != "/slow":
            self.transport.write(OK)

    def _count(self, path: str, id: str, body: bytes) -> None:
        counts = self.counts.setdefault(path, Counts())
        counts.connections += not self.is_counted
        self.is_counted = True
        seen = self.seen.setdefault(path, set())
        if id in seen:
            counts.repeated += 1
            return
        seen.add(id)
        counts.came += 1
        about = json.loads(body)["data"]["properties"]
        key, place = (path, about["ticket_id"]), about["place"]
        counts.reversed += place < self.last.get(key, 0)
        self.last[key] = place


async def serve(port: int) -> None:
    """Serve until the end of the process."""
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", port)
    print(f"The receiver is ready at http://127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args().port))
