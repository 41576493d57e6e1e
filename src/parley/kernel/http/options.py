"""OPTIONS on API routes: what a route is and which bodies it reads (docs/wire/requests.md#options)."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler, route

from parley.kernel.http.authorization import (
    Guard,
    needs,
    session_only,
    signed_in,
)

PARSES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


class RouteMetadata(msgspec.Struct):
    """The answer to OPTIONS, as Django REST framework words it."""

    name: str
    description: str
    renders: Sequence[str]
    parses: Sequence[str]


def options_handlers(handlers: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Return an OPTIONS handler for each path below `/api/` that isn't public; it takes the read scope of the path."""
    by_path: dict[str, list[HTTPRouteHandler]] = defaultdict(list)
    for handler in handlers:
        for path in handler.paths:
            if path.startswith("/api/"):
                by_path[path].append(handler)
    return [
        _options_handler(path, found, guard)
        for path, found in by_path.items()
        if (guard := _read_guard(found)) is not None
    ]


def _read_guard(handlers: Sequence[HTTPRouteHandler]) -> Guard | None:
    guards = [guard for handler in handlers for guard in (handler.guards or ())]
    scopes = [scope for guard in guards for scope in getattr(guard, "scopes", ())]
    admitted = {getattr(guard, "admits", None) for guard in guards}
    if scopes:
        return needs(*dict.fromkeys(f"{scope.partition(':')[0]}:read" for scope in scopes))
    if "session" in admitted:
        return session_only
    return signed_in if "any" in admitted else None


def _options_handler(path: str, handlers: Sequence[HTTPRouteHandler], guard: Guard) -> HTTPRouteHandler:
    first = handlers[0]
    answer = RouteMetadata(
        name=str(getattr(first.fn, "__name__", "")).replace("_", " ").capitalize(),
        description=(getattr(first.fn, "__doc__", None) or "").strip(),
        renders=("application/json",),
        parses=PARSES,
    )
    methods = sorted({"OPTIONS", *(method for handler in handlers for method in handler.http_methods)})

    @route(
        path,
        http_method=["OPTIONS"],
        guards=[guard],
        include_in_schema=False,
        sync_to_thread=False,
        status_code=200,
        response_headers=[ResponseHeader(name="Allow", value=", ".join(methods))],
        name=f"options {path}",
    )
    def describe() -> RouteMetadata:
        return answer

    return describe
