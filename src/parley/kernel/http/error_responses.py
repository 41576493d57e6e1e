"""From exceptions to answers: the one place that renders errors."""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from parley.kernel.database.error_translation import is_unavailable
from parley.kernel.errors import (
    AppError,
    AuthenticationFailed,
    Invalid,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    ParseFailed,
    PermissionDenied,
    PlainError,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
)

log = structlog.get_logger(__name__)

AnyRequest = Request[Any, Any, Any]


def answer_app_error(_: AnyRequest, error: AppError) -> Response[Any]:
    """Render the envelope."""
    headers = dict(error.headers)
    if isinstance(error, (NotAuthenticated, AuthenticationFailed)):
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(error.body(), status_code=error.status, headers=headers, media_type="application/json")


def answer_plain_error(_: AnyRequest, error: PlainError) -> Response[Any]:
    """Render a body whose shape the wire format fixes."""
    media_type = "text/plain" if isinstance(error.body, str) else "application/json"
    return Response(error.body, status_code=error.status, headers=error.headers, media_type=media_type)


def answer_http_exception(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """Render what the framework itself refuses."""
    return answer_app_error(request, _in_our_terms(request, error))


def _in_our_terms(request: AnyRequest, error: HTTPException) -> AppError:
    match error.status_code:
        case 401:
            return NotAuthenticated()
        case 403:
            return PermissionDenied()
        case 404:
            is_route = "route_handler" in request.scope
            return (
                NotFound()
                if is_route or not request.scope["path"].startswith("/api")
                else NotFound("Endpoint not found.")
            )
        case 405:
            return MethodNotAllowed(request.scope["method"], headers=dict(error.headers or {}))
        case 413:
            return TooLarge()
        case 415:
            return UnsupportedMediaType(request.headers.get("content-type", "")[:100])
        case status if 400 <= status < 500:
            return _bad_parameter(error)
    return AppError()


def _bad_parameter(error: HTTPException) -> AppError:
    extra = error.extra if isinstance(error.extra, list) else []
    first = extra[0] if extra and isinstance(extra[0], dict) else {}
    if "key" in first:
        return Invalid("This value is not valid.", attr=str(first["key"])[:100])
    return ParseFailed()


def answer_anything(request: AnyRequest, error: Exception) -> Response[Any]:
    """Log an unexpected error whole, and tell the client nothing of it."""
    if is_unavailable(error):
        log.error("service_unavailable", route=_route_of(request), error=type(error).__name__)
        return answer_app_error(request, Unavailable())
    log.error("unhandled_error", route=_route_of(request), method=request.scope["method"], exc_info=error)
    return answer_app_error(request, AppError())


def _route_of(request: AnyRequest) -> str:
    """Return the route and not the path, in which tokens and distinct ids may stand."""
    found: str = request.scope.get("path_template") or "none"
    return found
