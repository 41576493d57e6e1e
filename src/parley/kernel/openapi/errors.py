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
    path: str, handler: HTTPRouteHandler, told: Documented, *, has_body: bool
) -> dict[int, DocumentedAnswer]:
    """Return the errors by status, all in the shape that the route's errors have."""
    if told.problem is None:
        return {}
    is_guarded = any(getattr(guard, "admits", None) in GUARDED for guard in handler.guards or ())
    has_path = "{" in path
    found: dict[int, DocumentedAnswer] = {}
    if has_body or told.query:
        found[400] = _answer(INVALID, told.problem)
    if keeps_answers(handler):
        found[400] = _answer(INVALID, told.problem)
        found[409] = _answer(IN_USE, told.problem)
        found[422] = _answer(REUSED, told.problem)
    if is_guarded:
        found[401] = _answer(UNKNOWN, told.problem, "WWW-Authenticate")
        found[403] = _answer(FORBIDDEN, told.problem)
        found[429] = _answer(THROTTLED, told.problem, "Retry-After")
    if has_path:
        found[404] = _answer(MISSING, told.problem)
    if has_body:
        found[413] = _answer(TOO_LARGE, told.problem)
        found[415] = _answer(UNREADABLE, told.problem)
    for status, about in told.errors.items():
        found[status] = _answer(about, told.problem, *HEADERS.get(status, ()))
    found[503] = _answer(UNAVAILABLE, told.problem, "Retry-After")
    return found


def _answer(about: str, problem: Any, *headers: str) -> DocumentedAnswer:
    return DocumentedAnswer(about, (problem,), headers)
