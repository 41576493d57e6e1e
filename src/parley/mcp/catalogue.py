"""The tools of the running program with their inputs and scopes, made once from its handlers."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from parley.kernel.http.authorization import Principal
from parley.kernel.openapi.document import document, operations
from parley.mcp.input_schemas import Inputs, inputs_of
from parley.mcp.rules.tools import TOOLS
from parley.mcp.rules.tools.tool import Tool


class CataloguedTool(msgspec.Struct, frozen=True):
    """A tool, what it takes, and the scopes of which a caller needs one."""

    tool: Tool
    inputs: Inputs
    scopes: tuple[str, ...]

    def is_open_to(self, principal: Principal) -> bool:
        """Say whether the caller's scopes let them use it; what they see with it is the API's business."""
        return any(principal.has(scope) for scope in self.scopes)


Catalogue = Mapping[str, CataloguedTool]


def catalogue_of(app: Litestar) -> Catalogue:
    """Return the tools by name; takes a tenth of a second, so its result is kept."""
    wanted = {(tool.path, tool.method) for tool in TOOLS}
    found = {
        (shown_path(path), method): handler
        for path, method, handler in operations(_handlers(app))
        if (shown_path(path), method) in wanted
    }
    described = document(list(dict.fromkeys(found.values())), "")
    return {
        tool.name: CataloguedTool(tool, inputs_of(tool, described), scopes_of(found[tool.path, tool.method]))
        for tool in TOOLS
    }


def shown_path(path: str) -> str:
    """Return the path of a route as the OpenAPI document has it, without the types of its parameters."""
    return "/".join(
        "{" + part[1:-1].partition(":")[0] + "}" if part.startswith("{") else part for part in path.split("/")
    )


def scopes_of(handler: HTTPRouteHandler) -> tuple[str, ...]:
    """Return the scopes of which the guard of the handler wants one."""
    guards: Any = handler.guards or ()
    return tuple(scope for guard in guards for scope in getattr(guard, "scopes", ()))


def _handlers(app: Litestar) -> list[HTTPRouteHandler]:
    routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
    handlers = {id(one): one for route in routes for one in route.route_handlers}
    return [one for one in handlers.values() if isinstance(one, HTTPRouteHandler)]
