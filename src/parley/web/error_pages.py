"""Errors that a person reads: the same status and detail as the API's, on a page."""

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response

from parley.kernel.errors import AppError, Throttled
from parley.web.guards import is_htmx
from parley.web.rendering import page

AnyRequest = Request[Any, Any, Any]
Answering = Callable[[Any, Any], Response[Any]]
NOT_PAGES = ("/api/", "/static/", "/assets/", "/array/", "/mcp", "/_", "/metrics")

HEADINGS = {
    400: "That did not work",
    403: "You can't do this",
    404: "There is nothing here",
    405: "That did not work",
    413: "That was too much at once",
    429: "A little slower, please",
    500: "Something broke on our side",
    503: "Parley is catching its breath",
}
ADVICE = {
    403: "If you think you should be able to, ask an admin of your organization.",
    404: "The address may be mistyped, or what was here has been deleted.",
    429: "Too many requests came from here in a short time. Wait a moment, then try again.",
    500: "It has been written to the server's log. Trying again may help; if not, tell whoever runs this server.",
    503: "A part that Parley needs does not answer at the moment. Nothing is lost; try again in a few seconds.",
}


class ErrorPage(msgspec.Struct, frozen=True):
    """Context of `web/error.html`."""

    status: int
    heading: str
    detail: str | None
    advice: str | None


def for_people(answer: Answering) -> Answering:
    """Wrap an exception handler: browsers that load a page get one, everybody else the answer as it is."""

    def answering(request: Any, error: Any) -> Response[Any]:
        plain = answer(request, error)
        status = plain.status_code or 500
        if status < 400 or not wants_page(request):
            return plain
        return error_page(request, status, error, plain.headers)

    return answering


def wants_page(request: AnyRequest) -> bool:
    """Say whether this is a browser that loads a whole page."""
    if request.scope["path"].startswith(NOT_PAGES) or is_htmx(request):
        return False
    return "text/html" in request.headers.get("accept", "")


def error_page(request: Any, status: int, error: Exception, headers: Any) -> Response[Any]:
    """Render the page; what is said of the error is its own sentence, never anything internal."""
    shows_detail = (
        isinstance(error, AppError)
        and error.code not in ("not_found", "throttled")
        and status not in (500, 503)
    )
    context = ErrorPage(
        status=status,
        heading=HEADINGS.get(status, HEADINGS[400] if status < 500 else HEADINGS[500]),
        detail=error.detail if shows_detail and isinstance(error, AppError) else None,
        advice=ADVICE.get(status),
    )
    kept = {name: value for name, value in dict(headers).items() if name.lower() == "retry-after"}
    return page(request, "web/error.html", context, status=status, headers=kept)


def problem_of(error: AppError) -> str:
    """Say what went wrong in the sentence that a form shows."""
    if isinstance(error, Throttled):
        wait_s = int(error.headers["Retry-After"])
        rest = f"{wait_s} seconds" if wait_s < 90 else f"{round(wait_s / 60)} minutes"
        return f"Too many tries from here. Please wait {rest}, then try again."
    return error.detail
