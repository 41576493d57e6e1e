"""The server of the official SDK: it speaks the protocol, and everything it is asked for is done here.

The SDK takes a second and 40 MB to import, so this module is imported by the first request only.
"""

from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.shared.exceptions import MCPError

import parley
from parley.kernel.http.request import ParleyRequest
from parley.mcp.calls import PROJECTS_LIST, projects_result, tool_result
from parley.mcp.catalogue import Catalogue, CataloguedTool
from parley.mcp.errors import ToolProblem
from parley.mcp.guards import principal_of
from parley.mcp.results import Result
from parley.mcp.rules.prompts import INSTRUCTIONS, PROMPTS, Prompt
from parley.mcp.rules.uris import transcript_address
from parley.mcp.transcript import TEMPLATE, transcript_of

Context = ServerRequestContext[Any, Any]
ASKED = "parley_mcp_request"
"""In the scope of a request: the request as the rest of Parley knows it."""
MARKS = "parley/untrusted"
"""In `_meta` of a result: the name of the marks in it."""
PROJECTS = types.Tool(
    name=PROJECTS_LIST,
    title="List projects",
    description="List the projects in which the caller may work, and which is the current one.",
    input_schema={"type": "object", "properties": {}, "additionalProperties": False},
    annotations=types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)


def server_for(catalogue: Catalogue) -> Server[Any]:
    """Return the server of these tools. It keeps nothing of anybody between two requests."""
    handling = _Handling(catalogue)
    server: Server[Any] = Server(
        "parley",
        title="Parley",
        version=parley.__version__,
        instructions=INSTRUCTIONS,
        get_tool_input_schema=handling.schema_of,
        on_list_tools=handling.list_tools,
        on_call_tool=handling.call_tool,
        on_list_resources=handling.list_resources,
        on_list_resource_templates=handling.list_templates,
        on_read_resource=handling.read_resource,
        on_list_prompts=handling.list_prompts,
        on_get_prompt=handling.get_prompt,
    )
    server.middleware.clear()  # it would open a span of OpenTelemetry for each message, which nobody collects here
    return server


def _asked(context: Context) -> ParleyRequest:
    request: Any = context.request
    asked: ParleyRequest = request.scope[ASKED]
    return asked


class _Handling:
    """What the server does for each request of the protocol."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._described = {name: _described(one) for name, one in catalogue.items()}

    def schema_of(self, name: str) -> dict[str, Any] | None:
        found = self._catalogue.get(name)
        return found.inputs.schema if found else None

    async def list_tools(self, context: Context, _: Any) -> types.ListToolsResult:
        principal = principal_of(_asked(context))
        open_ones = [
            self._described[name] for name, one in self._catalogue.items() if one.is_open_to(principal)
        ]
        return types.ListToolsResult(tools=[PROJECTS, *open_ones])

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        asked = _asked(context)
        try:
            if params.name == PROJECTS_LIST:
                return _told(await projects_result(asked))
            called = self._catalogue.get(params.name)
            if called is None:
                raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name[:100]!r}.")
            return _told(await tool_result(asked, called, params.arguments or {}))
        except ToolProblem as problem:
            return _refused(problem)

    async def list_resources(self, context: Context, _: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[])

    async def list_templates(self, context: Context, _: Any) -> types.ListResourceTemplatesResult:
        may_read = principal_of(_asked(context)).has("ticket:read")
        return types.ListResourceTemplatesResult(resource_templates=[TRANSCRIPTS] if may_read else [])

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        uri = str(params.uri)
        address = transcript_address(uri)
        if address is None:
            raise MCPError(types.INVALID_PARAMS, "There is no such resource.", {"uri": uri[:500]})
        try:
            text = await transcript_of(_asked(context), *address)
        except ToolProblem as problem:
            raise MCPError(types.INVALID_PARAMS, problem.detail, {"uri": uri[:500]}) from problem
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=params.uri, mime_type="text/plain", text=text)]
        )

    async def list_prompts(self, context: Context, _: Any) -> types.ListPromptsResult:
        principal = principal_of(_asked(context))
        return types.ListPromptsResult(prompts=[_prompt(one) for one in PROMPTS if principal.has(one.scope)])

    async def get_prompt(
        self, context: Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        principal = principal_of(_asked(context))
        found = [one for one in PROMPTS if one.name == params.name and principal.has(one.scope)]
        if not found:
            raise MCPError(types.INVALID_PARAMS, f"There is no prompt {params.name[:100]!r}.")
        try:
            text = found[0].filled(params.arguments or {})
        except ToolProblem as problem:
            raise MCPError(types.INVALID_PARAMS, problem.detail) from problem
        content = types.TextContent(type="text", text=text)
        return types.GetPromptResult(
            description=found[0].about, messages=[types.PromptMessage(role="user", content=content)]
        )


TRANSCRIPTS = types.ResourceTemplate(
    name="ticket-transcript",
    title="Transcript of a ticket",
    uri_template=TEMPLATE,
    description="Who said what and when on a ticket. `project_id` may be `@current`; `id` is a number or a uuid.",
    mime_type="text/plain",
)


def _described(one: CataloguedTool) -> types.Tool:
    tool = one.tool
    hints = types.ToolAnnotations(
        title=tool.title,
        read_only_hint=tool.reads_only,
        destructive_hint=tool.destroys,
        idempotent_hint=tool.reads_only or tool.is_idempotent,
        open_world_hint=tool.sends,
    )
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.about,
        input_schema=dict(one.inputs.schema),
        annotations=hints,
    )


def _prompt(one: Prompt) -> types.Prompt:
    arguments = [
        types.PromptArgument(name=name, description=about, required=name not in one.defaults)
        for name, about in one.arguments.items()
    ]
    return types.Prompt(name=one.name, title=one.title, description=one.about, arguments=arguments)


def _told(result: Result) -> types.CallToolResult:
    content = types.TextContent(type="text", text=result.text)
    return types.CallToolResult.model_validate({"content": [content], "_meta": {MARKS: result.marks}})


def _refused(problem: ToolProblem) -> types.CallToolResult:
    parts = [problem.detail]
    if problem.attr:
        parts.append(f"(field: {problem.attr})")
    if problem.code:
        parts.append(f"[{problem.code}]")
    return types.CallToolResult(content=[types.TextContent(type="text", text=" ".join(parts))], is_error=True)
