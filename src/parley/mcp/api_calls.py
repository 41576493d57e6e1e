"""Requests of Parley's own API, made in this process: rights, limits, validation and the audit log are the API's own."""

import asyncio
from typing import Any
from urllib.parse import quote

import msgspec

from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import HEADER

HANDED_ON = (b"authorization", b"host", b"user-agent", b"accept-language")
UNSEEN = (b"sec-purpose", b"prefetch")
"""No person looks at what an assistant reads: a ticket stays unread."""
ENTRANCE = "entrance"
"""In the application's state: its outermost layer, which every request enters through."""


class ApiAnswer(msgspec.Struct, frozen=True):
    """What the API answered."""

    status: int
    body: bytes


class ApiRequest(msgspec.Struct, frozen=True):
    """A request of the API. `path` is not quoted; `body` is JSON, or None. With a `key` it happens once."""

    method: str
    path: str
    query: str = ""
    body: bytes | None = None
    key: str | None = None


async def call_api(asked: ParleyRequest, wanted: ApiRequest) -> ApiAnswer:
    """Return the answer to a request that is made for the caller of another one, with that one's credentials."""
    outer: Any = asked.scope
    headers = [(name, value) for name, value in outer["headers"] if name in HANDED_ON]
    headers += [UNSEEN, (b"accept", b"application/json")]
    if wanted.body is not None:
        length = str(len(wanted.body)).encode()
        headers += [(b"content-type", b"application/json"), (b"content-length", length)]
    if wanted.key is not None:
        headers.append((HEADER.encode(), wanted.key.encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": wanted.method,
        "scheme": outer["scheme"],
        "path": wanted.path,
        "raw_path": quote(wanted.path).encode(),
        "query_string": wanted.query.encode(),
        "root_path": "",
        "headers": headers,
        "client": outer["client"],
        "server": outer.get("server"),
    }
    exchange = InnerExchange(wanted.body or b"")
    await asked.app.state[ENTRANCE](scope, exchange.receive, exchange.send)
    return ApiAnswer(exchange.status, bytes(exchange.answer))


class InnerExchange:
    """The two ends of one request inside the process."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.status = 500
        self.answer = bytearray()

    async def receive(self) -> Any:
        if self._body is None:
            await asyncio.Event().wait()  # the caller doesn't go before the answer has come
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.answer += message.get("body", b"")
