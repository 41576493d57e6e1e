"""The OpenAPI 3.1 document, read from the route handlers: what they take, what they answer, whom they let in.

Litestar's own document knows neither the guards nor the error envelope nor forms, so this one is made from the same
handlers directly. `tests/test_openapi.py` holds the running program against it.
"""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from parley.kernel.http.authorization import public
from parley.kernel.http.middleware import CAPTURE_PATHS
from parley.kernel.http.paging import Page
from parley.kernel.idempotency import keeps_answers
from parley.kernel.openapi.documented import (
    PAGING,
    Documented,
    DocumentedAnswer,
    Query,
)
from parley.kernel.openapi.errors import errors_of
from parley.kernel.openapi.types import Components, JsonSchema
from parley.kernel.throttle import pages_counted

PATH = "/api/schema/openapi.json"
PREFIXES = ("/api/", "/array/", "/_health", "/_readyz", "/metrics")
ABOUT = """\
The API of Parley. It speaks the same language as the conversations API of PostHog.

`/api/environments/{project_id}/...` is the same as `/api/projects/{project_id}/...`, a trailing slash is optional
everywhere, `HEAD` answers like `GET`, and `OPTIONS` describes a route. Bodies are JSON, form or multipart alike; fields
that are not known are ignored. In forms, objects and lists are JSON texts. Lists take `limit` and `offset`. Of several
problems with a body, an error names the first. A method that a path doesn't have is answered 405, in the same shape. A
personal API key may also be sent as `personal_api_key`, in the query or in the body."""
SECURITY_SCHEMES: dict[str, JsonSchema] = {
    "personalApiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal API key, `phx_...`, with its scopes.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "parley_session",
        "description": "The session of somebody who signed in; `__Host-parley_session` where the site is https.",
    },
    "csrfToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "The value of the cookie `parley_csrf` (`__Host-parley_csrf` where the site is https), with every "
        "request of a session that may change something.",
    },
    "projectSecret": {
        "type": "http",
        "scheme": "bearer",
        "description": "The secret token of a project, `phs_...`, or the one before it.",
    },
    "widgetToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Conversations-Token",
        "description": "The public token of a project's widget.",
    },
}
PATH_PARAMETERS = {
    "project_id": "The number of the project, or `@current`.",
    "organization_id": "The uuid of the organization, or `@current`.",
}
KEY_PARAMETER: JsonSchema = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Makes a repeated request harmless: for a day it is answered with what the first was answered.",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def document(handlers: Sequence[HTTPRouteHandler], version: str) -> dict[str, Any]:
    """Return the document of everything that isn't a page or a file."""
    components = Components()
    paths: dict[str, dict[str, Any]] = {}
    # In the order of their paths, so that the document doesn't change when a handler moves to another folder.
    for path, method, handler in sorted(operations(handlers), key=lambda one: one[:2]):
        shown = "/".join(_shown_part(part) for part in path.split("/"))
        paths.setdefault(shown, {})[method.lower()] = _operation(path, method, handler, components)
    tags = {_tag_and_package(handler) for _, _, handler in operations(handlers)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley", "version": version, "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": _described(tags),
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "responses": components.responses,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _described(tags: set[tuple[str, ModuleType]]) -> list[JsonSchema]:
    """Return each tag once, with the first line of the package that is called like it, or else of the first one."""
    by_tag: dict[str, ModuleType] = {}
    for tag, package in sorted(
        tags, key=lambda one: (not one[1].__name__.endswith(f".{one[0]}"), one[1].__name__)
    ):
        by_tag.setdefault(tag, _named_like(tag, package))
    return [
        {"name": tag, "description": (package.__doc__ or "").partition("\n")[0]}
        for tag, package in sorted(by_tag.items())
    ]


def _named_like(tag: str, package: ModuleType) -> ModuleType:
    """Return the package beside this one that is called like the tag, which may have no routes, or else this one."""
    name = f"{package.__name__.rpartition('.')[0]}.{tag}"
    return import_module(name) if find_spec(name) else package


def document_handler(handlers: Sequence[HTTPRouteHandler], version: str) -> HTTPRouteHandler:
    """Return the handler that serves the document; it is made when it is first asked for."""
    made: list[bytes] = []

    @get(PATH, guards=[public, pages_counted], include_in_schema=False, sync_to_thread=False)
    def show_document() -> Response[bytes]:
        """Show the OpenAPI document."""
        if not made:
            made.append(msgspec.json.encode(document(handlers, version)))
        return Response(made[0], media_type="application/json")

    return show_document


def operations(handlers: Sequence[HTTPRouteHandler]) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield path, method and handler of what belongs into the document."""
    for handler in handlers:
        for path in sorted(handler.paths):
            is_api = path.startswith(PREFIXES) or path in CAPTURE_PATHS
            if is_api and handler.include_in_schema is not False:
                for method in sorted(str(getattr(one, "value", one)) for one in handler.http_methods):
                    yield path, method, handler


def _operation(path: str, method: str, handler: HTTPRouteHandler, components: Components) -> JsonSchema:
    documented: Documented = handler.opt.get("documented") or Documented()
    hints = get_type_hints(handler.fn)
    body = documented.body or hints.get("data")
    answers = {handler.status_code or 200: _success(handler, hints["return"])}
    answers |= {**errors_of(path, handler, documented, has_body=body is not None), **documented.answers}
    name = str(handler.fn.__name__)
    about = " ".join((inspect.getdoc(handler.fn) or "").split())
    parameters = [
        *_path_parameters(path, documented),
        *_query_parameters(documented, hints["return"], components),
    ]
    if keeps_answers(handler):
        parameters.append(KEY_PARAMETER)
    return {
        "operationId": _operation_id(path, method, handler),
        "summary": name.replace("_", " ").capitalize(),
        "description": about,
        "tags": [_tag(handler)],
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _request_body(body, documented, components)} if body is not None else {}),
        "responses": {
            str(status): _response(status, answer, components) for status, answer in sorted(answers.items())
        },
        "security": _security(method, handler, documented),
    }


def _operation_id(path: str, method: str, handler: HTTPRouteHandler) -> str:
    parts = [_tag(handler), str(handler.fn.__name__)]
    if len(handler.paths) > 1:
        parts.append(path.strip("/").replace("/", "_"))
    if len(handler.http_methods) > 1:
        parts.append(method.lower())
    return "_".join(parts)


def _tag(handler: HTTPRouteHandler) -> str:
    return _tag_and_package(handler)[0]


def _tag_and_package(handler: HTTPRouteHandler) -> tuple[str, ModuleType]:
    """Return the tag of the handler, and the package that it describes.

    The tag is the `API_TAG` of the feature or of its area, and otherwise the name of the feature's folder. Programs
    are generated from tags and operation ids, so neither changes when a handler moves to another folder.
    """
    names = str(handler.fn.__module__).split(".")
    length = next(
        (place for place, name in enumerate(names) if name in ("routes", "pages", "tests")), len(names)
    )
    packages = [import_module(".".join(names[:n])) for n in range(length, 1, -1)]
    for package in packages:
        if tag := getattr(package, "API_TAG", ""):
            return tag, package
    return names[length - 1], packages[0]


def _shown_part(part: str) -> str:
    return "{" + part[1:-1].partition(":")[0] + "}" if part.startswith("{") else part


def _path_parameters(path: str, documented: Documented) -> Iterator[JsonSchema]:
    for part in path.split("/"):
        if part.startswith("{"):
            name, _, kind = part[1:-1].partition(":")
            about = documented.path.get(name) or PATH_PARAMETERS.get(name)
            yield {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "integer" if kind == "int" else "string"},
                **({"description": about} if about else {}),
            }


def _query_parameters(documented: Documented, returned: Any, components: Components) -> Iterator[JsonSchema]:
    named = {query.name for query in documented.query}
    paging: Sequence[Query] = PAGING if get_origin(returned) is Page else ()
    for query in (*documented.query, *(query for query in paging if query.name not in named)):
        schema = components.schema_of(query.type, written=False)
        yield {"name": query.name, "in": "query", "schema": schema, "description": query.about}


def _request_body(body: Any, documented: Documented, components: Components) -> JsonSchema:
    schema = components.schema_of(body, written=False)
    content = {media_type: {"schema": schema} for media_type in documented.media_types}
    fields = (
        msgspec.structs.fields(body) if isinstance(body, type) and issubclass(body, msgspec.Struct) else ()
    )
    return {"content": content, "required": any(field.required for field in fields)}


def _success(handler: HTTPRouteHandler, returned: Any) -> DocumentedAnswer:
    if get_origin(returned) is Response:
        returned = get_args(returned)[0]
    if returned in (None, type(None)):
        return DocumentedAnswer("Done.")
    return DocumentedAnswer("Done.", (str if returned in (str, bytes) else returned,))


def _response(status: int, answer: DocumentedAnswer, components: Components) -> JsonSchema:
    response = _whole_response(answer, components)
    if status < 400:
        return response
    return components.response("Or".join(_spoken(one) for one in answer.types) + str(status), response)


def _spoken(kind: Any) -> str:
    return "Text" if kind is str else str(kind.__name__)


def _whole_response(answer: DocumentedAnswer, components: Components) -> JsonSchema:
    by_media: dict[str, list[Any]] = {}
    for one in answer.types:
        # OpenAPI 3.1 describes a stream by one of its events.
        is_text = one is str or answer.text_type == "text/event-stream"
        by_media.setdefault(answer.text_type if is_text else "application/json", []).append(one)
    content = {media: {"schema": components.any_of(types, written=True)} for media, types in by_media.items()}
    headers: Mapping[str, JsonSchema] = {
        name: {"required": True, "schema": {"type": "integer" if name == "Retry-After" else "string"}}
        for name in answer.headers
    }
    return {
        "description": answer.about or "Done.",
        **({"headers": headers} if headers else {}),
        **({"content": content} if content else {}),
    }


def _security(method: str, handler: HTTPRouteHandler, documented: Documented) -> list[dict[str, list[str]]]:
    if documented.credentials is not None:
        return [{documented.credentials: []}]
    session: dict[str, list[str]] = {"session": []} if method in SAFE else {"session": [], "csrfToken": []}
    for guard in handler.guards or ():
        match getattr(guard, "admits", None):
            case "scope":
                scopes: Sequence[str] = getattr(guard, "scopes", ())
                return [*({"personalApiKey": [scope]} for scope in scopes), session]
            case "session":
                return [session]
            case "any":
                return [{"personalApiKey": []}, session]
    return []
