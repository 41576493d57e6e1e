"""One POST of streamable HTTP, answered by the SDK: a message of JSON-RPC in, at most one out, nothing kept.

Clients of the protocol from 2026 on go through the SDK's own entry. For those before, who begin with `initialize`, the SDK
would run a session with its queues for each request, which costs 4 ms; its driver for one request does the same in one
(decision 36).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp_types as types
import msgspec
from mcp.server.connection import Connection
from mcp.server.lowlevel.server import Server
from mcp.server.runner import modern_error_data, serve_one
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import NoBackChannelError
from mcp.shared.message import ServerMessageMetadata
from mcp.shared.transport_context import TransportContext
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import ValidationError
from starlette.requests import Request

from parley.kernel.http.request import ParleyRequest
from parley.mcp.api_calls import InnerExchange
from parley.mcp.rules.messages import BodyKind, kind_of
from parley.mcp.sdk_server import ASKED

VERSION_HEADER = "mcp-protocol-version"


class Answered(msgspec.Struct, frozen=True):
    """What goes back: a status and JSON, or nothing."""

    status: int
    body: bytes = b""


async def answered(server: Server[Any], asked: ParleyRequest, body: bytes) -> Answered:
    """Return the answer to a body of JSON-RPC."""
    version = asked.headers.get(VERSION_HEADER)
    scope = {**asked.scope, ASKED: asked}
    if version is not None and version not in HANDSHAKE_PROTOCOL_VERSIONS:
        manager = await asked.app.state.services.kept_open.opened("mcp", lambda: _running(server))
        return await _by_sdk(manager, scope, body)
    message = kind_of(body)
    if message is BodyKind.UNREADABLE:
        return _failed(400, types.PARSE_ERROR, "The body is not JSON.")
    if message is BodyKind.SILENT:
        return Answered(202)
    try:
        request = types.JSONRPCRequest.model_validate_json(body)
    except ValidationError:
        return _failed(
            400, types.INVALID_REQUEST, "The body must be one request or notification of JSON-RPC 2.0."
        )
    return await _by_driver(server, Request(scope), request, version or types.DEFAULT_NEGOTIATED_VERSION)


async def _by_driver(
    server: Server[Any], request: Request, message: types.JSONRPCRequest, version: str
) -> Answered:
    connection = Connection.from_envelope(version, None, None)
    context = _OneExchange(request, message.id)
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": message.id}
    try:
        answer["result"] = await serve_one(
            server, context, message.method, message.params, connection=connection, lifespan_state={}
        )
    except Exception as error:
        # The SDK's own words: what is not meant for clients is logged there and becomes "Internal server error".
        answer["error"] = modern_error_data(error).model_dump(mode="json", by_alias=True, exclude_none=True)
    return Answered(200, msgspec.json.encode(answer))


def _failed(status: int, code: int, text: str) -> Answered:
    error = {"code": code, "message": text}
    return Answered(status, msgspec.json.encode({"jsonrpc": "2.0", "id": None, "error": error}))


class _OneExchange:
    """The SDK's context of one request: there is no way to ask the client anything."""

    can_send_request = False

    def __init__(self, request: Request, request_id: types.RequestId) -> None:
        self.transport = TransportContext(
            kind="streamable-http", can_send_request=False, headers=request.headers
        )
        self.message_metadata = ServerMessageMetadata(request_context=request)
        self.request_id = request_id
        self.cancel_requested = anyio.Event()

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        raise NoBackChannelError(method)

    async def notify(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> None:
        return None

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        return None


async def _by_sdk(manager: StreamableHTTPSessionManager, scope: dict[str, Any], body: bytes) -> Answered:
    exchange = InnerExchange(body)
    await manager.handle_request(scope, exchange.receive, exchange.send)
    return Answered(exchange.status, bytes(exchange.answer))


@asynccontextmanager
async def _running(server: Server[Any]) -> AsyncIterator[StreamableHTTPSessionManager]:
    """Yield the SDK's manager. To begin one takes longer than most requests; of a request it keeps nothing."""
    manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
    async with manager.run():
        yield manager
