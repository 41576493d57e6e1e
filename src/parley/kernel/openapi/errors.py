"""Which errors a route may answer, as far as its path, its guards and its body tell."""

from typing import Any

from litestar.handlers import HTTPRouteHandler

from parley.kernel.idempotency import keeps_answers
from parley.kernel.openapi.documented import Documented, DocumentedAnswer

GUARDED = frozenset({"scope", "session", "any"})
INVALID = "A parameter or the body is not valid; the first problem is named."
UNKNOWN = "The request carries no credentials, or credentials that are not valid."
FORBIDDEN = "The caller may not do this."
MISSING = "There is no such thing, or the caller may not know of it."
TOO_LARGE = "The body is too large."
UNREADABLE = "The content type of the body is none that this route reads."
THROTTLED = "Too many requests."
IN_USE = "A request with the same `Idempotency-Key` is still running."
REUSED = "The `Idempotency-Key` was used for another request."
HEADERS = {401: ("WWW-Authenticate",), 429: ("Retry-After",)}
UNAVAILABLE = "The database does not answer; the same request may pass later."


def errors_of(
    path: str, handler: HTTPRouteHandler, documented: Documented, *, has_body: bool
) -> dict[int, DocumentedAnswer]:
    """Return the errors by status, all in the shape that the route's errors have."""
    if documented.problem is None:
        return {}
    is_guarded = any(getattr(guard, "admits", None) in GUARDED for guard in handler.guards or ())
    has_path = "{" in path
    found: dict[int, DocumentedAnswer] = {}
    if has_body or documented.query:
        found[400] = _answer(INVALID, documented.problem)
    if keeps_answers(handler):
        found[400] = _answer(INVALID, documented.problem)
        found[409] = _answer(IN_USE, documented.problem)
        found[422] = _answer(REUSED, documented.problem)
    if is_guarded:
        found[401] = _answer(UNKNOWN, documented.problem, "WWW-Authenticate")
        found[403] = _answer(FORBIDDEN, documented.problem)
        found[429] = _answer(THROTTLED, documented.problem, "Retry-After")
    if has_path:
        found[404] = _answer(MISSING, documented.problem)
    if has_body:
        found[413] = _answer(TOO_LARGE, documented.problem)
        found[415] = _answer(UNREADABLE, documented.problem)
    for status, about in documented.errors.items():
        found[status] = _answer(about, documented.problem, *HEADERS.get(status, ()))
    found[503] = _answer(UNAVAILABLE, documented.problem, "Retry-After")
    return found


def _answer(about: str, problem: Any, *headers: str) -> DocumentedAnswer:
    return DocumentedAnswer(about, (problem,), headers)
