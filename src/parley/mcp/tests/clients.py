"""The official client of MCP, talking to the application in this process."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import mcp_types
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from parley.kernel.http.middleware import Middleware

URL = "http://localhost/mcp"
MARKED = re.compile(r"<(untrusted-\w+)>(.*?)</\1>", re.DOTALL)


@asynccontextmanager
async def mcp_client(
    app: Middleware, key: str, mode: str = "2026-07-28", **headers: str
) -> AsyncIterator[Client]:
    """Yield a connected client; `legacy` is the mode of clients that begin with `initialize`."""
    transport = httpx2.ASGITransport(app)  # type: ignore[arg-type]
    http = httpx2.AsyncClient(transport=transport, headers={"Authorization": f"Bearer {key}", **headers})
    async with http, Client(streamable_http_client(URL, http_client=http), mode=mode) as client:
        yield client


@asynccontextmanager
async def mcp_client_at(url: str, key: str, mode: str = "2026-07-28") -> AsyncIterator[Client]:
    """Yield a client that is connected to a server of its own."""
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=60)
    async with http, Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client:
        yield client


async def call(client: Client, name: str, /, **arguments: Any) -> Any:
    """Call a tool and return its JSON; fails where it refused."""
    result = await client.call_tool(name, arguments)
    assert not result.is_error, text_of(result)
    return json.loads(text_of(result))


async def refusal(client: Client, name: str, /, **arguments: Any) -> str:
    """Call a tool that refuses, and return its sentence."""
    result = await client.call_tool(name, arguments)
    assert result.is_error, text_of(result)
    return text_of(result)


def text_of(result: mcp_types.CallToolResult) -> str:
    """Return the one text of a result."""
    [content] = result.content
    assert isinstance(content, mcp_types.TextContent)
    return content.text


def unmarked(text: str) -> str:
    """Return what stands between the marks of a value that is marked as a whole."""
    found = MARKED.fullmatch(text)
    assert found is not None, text
    return found[2]


def rpc(method: str, params: Mapping[str, Any] | None = None, id: Any = 1) -> dict[str, Any]:
    """Return a request of JSON-RPC."""
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}}
