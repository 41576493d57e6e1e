"""The endpoint of MCP: streamable HTTP without sessions, so any process answers any request."""

import asyncio
from importlib import import_module
from typing import Any

from litestar import Response, post

from parley.kernel.http.request import ParleyRequest
from parley.kernel.throttle import TurnsOfKey
from parley.mcp.guards import bearer_only, principal_of

PATH = "/mcp"
SERVER = "mcp_server"
_of_key = TurnsOfKey(8, waiting=100)
"""Messages of one key that are answered at the same time, in this process."""


@post(PATH, guards=[bearer_only], include_in_schema=False, status_code=200)
async def use_mcp(request: ParleyRequest) -> Response[bytes]:
    """Answer one message of the Model Context Protocol (docs/mcp.md)."""
    body = await request.body()  # whoever sends slowly takes nobody's place meanwhile
    async with _of_key.taken(principal_of(request).key_id or ""):
        state = request.app.state
        if SERVER not in state:
            # Importing the SDK takes a second: only who uses it waits.
            state[SERVER] = await asyncio.to_thread(_server, request.app)
        answer = await import_module("parley.mcp.exchange").answered(state[SERVER], request, body)
    return Response(answer.body, status_code=answer.status, media_type="application/json")


def _server(app: Any) -> Any:
    import_module("parley.mcp.exchange")
    catalogue = import_module("parley.mcp.catalogue").catalogue_of(app)
    return import_module("parley.mcp.sdk_server").server_for(catalogue)


handlers: list[Any] = [use_mcp]
