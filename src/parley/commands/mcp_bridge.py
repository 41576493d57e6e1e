"""`parley mcp --stdio`: a desktop client's way to a server elsewhere. What comes in goes on to the server's `/mcp`.

It runs on the machine of whoever uses it and only talks to the address that they gave, so the guarded client for outgoing
requests of a server has no say here.
"""

from typing import Any

import httpx2
import mcp_types as types
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server

import parley
from parley.mcp.rules.prompts import INSTRUCTIONS

VERSION = "2026-07-28"
ANSWER_S = 120.0
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


class Unreachable(Exception):
    """The server doesn't let the client in, or doesn't answer; the text says which."""


async def bridge(url: str, key: str) -> None:
    """Serve standard input and output until the client closes them; raises Unreachable before anything is read."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=ANSWER_S) as http:
        await check_reachable(http, url)
        async with Client(streamable_http_client(url, http_client=http), mode=VERSION) as remote:
            local = _forwarding(remote)
            async with stdio_server() as (reading, writing):
                await local.run(reading, writing, local.create_initialization_options())


async def check_reachable(http: httpx2.AsyncClient, url: str) -> None:
    """Raise Unreachable with a sentence unless the server answers with this key."""
    try:
        answer = await http.post(url, json=PING)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Unreachable(f"There is no answer from {url}: {str(error) or type(error).__name__}.") from error
    if answer.status_code == 401:
        raise Unreachable(f"{url} doesn't know the key in PARLEY_MCP_KEY.")
    if answer.status_code != 200:
        raise Unreachable(
            f"{url} answered with status {answer.status_code}. Is it the address of a Parley server?"
        )


def _forwarding(remote: Client) -> Server[Any]:
    """Return a server that asks the remote one for everything."""

    async def list_tools(_: Any, params: Any) -> types.ListToolsResult:
        return await remote.list_tools()

    async def call_tool(_: Any, params: types.CallToolRequestParams) -> Any:
        return await remote.call_tool(params.name, params.arguments)

    async def list_resources(_: Any, params: Any) -> types.ListResourcesResult:
        return await remote.list_resources()

    async def list_templates(_: Any, params: Any) -> types.ListResourceTemplatesResult:
        return await remote.list_resource_templates()

    async def read_resource(_: Any, params: types.ReadResourceRequestParams) -> Any:
        return await remote.read_resource(params.uri)

    async def list_prompts(_: Any, params: Any) -> types.ListPromptsResult:
        return await remote.list_prompts()

    async def get_prompt(_: Any, params: types.GetPromptRequestParams) -> Any:
        return await remote.get_prompt(params.name, params.arguments)

    return Server(
        "parley",
        title="Parley",
        version=parley.__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )
