"""One call of a tool, from its arguments to what it shows."""

from collections.abc import Mapping
from typing import Any

import msgspec

from parley.kernel.http.request import ParleyRequest
from parley.kernel.text.visible import json_text
from parley.mcp.api_calls import ApiRequest, call_api
from parley.mcp.catalogue import CataloguedTool
from parley.mcp.guards import principal_of
from parley.mcp.queries import projects_of
from parley.mcp.results import WARNING, Result, new_marks, result_of
from parley.mcp.rules.requests import (
    PROJECT_INPUT,
    check_inputs,
    chosen_project,
    key_of,
    query_text,
    read_texts,
    segment,
)

PROJECT_HEADER = "x-posthog-project-id"
"""By which a client says once in which project all its calls work."""
PROJECTS_LIST = "projects-list"


async def tool_result(asked: ParleyRequest, called: CataloguedTool, arguments: Mapping[str, Any]) -> Result:
    """Do what the tool says, and return what it shows; raises ToolProblem."""
    answer = await call_api(asked, api_request(asked, called, arguments))
    return result_of(called.tool, answer, asked.app.state.services.settings.site_url)


def api_request(asked: ParleyRequest, called: CataloguedTool, arguments: Mapping[str, Any]) -> ApiRequest:
    """Return the request of the API that the call means; raises ToolProblem."""
    inputs, tool = called.inputs, called.tool
    arguments = read_texts(arguments, inputs.not_texts)
    check_inputs(arguments, inputs.schema["properties"], inputs.schema.get("required", []))
    path = tool.path.replace("{project_id}", project_of(asked, arguments))
    for parameter, name in inputs.path.items():
        path = path.replace(f"{{{parameter}}}", segment(name, arguments[name]))
    body = {name: value for name, value in arguments.items() if name in inputs.body}
    return ApiRequest(
        tool.method,
        path,
        query_text({name: value for name, value in arguments.items() if name in inputs.query}),
        msgspec.json.encode(body) if tool.method not in ("GET", "DELETE") else None,
        key_of(arguments),
    )


def project_of(asked: ParleyRequest, arguments: Mapping[str, Any]) -> str:
    """Return the project of a call; raises ToolProblem."""
    given = arguments.get(PROJECT_INPUT)
    return chosen_project(
        principal_of(asked), given if given is not None else asked.headers.get(PROJECT_HEADER)
    )


async def projects_result(asked: ParleyRequest) -> Result:
    """Return the projects in which the caller may work, for whatever scopes the token has."""
    found = await projects_of(asked.app.state.services.database, principal_of(asked))
    marks = new_marks()
    return Result(json_text({WARNING: marks.warning, "count": len(found), "results": found}), marks.name)
