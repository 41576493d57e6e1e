"""What routes tell the OpenAPI document beyond their signatures: `opt=documented(query=[...], ...)`.

Most routes need none of this: path, guards, body, answer and docstring are read from the handler itself
(`kernel/openapi/document.py`). Query parameters are read by hand, since the wire format ignores what it can't read, so
they are named here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

FORMS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


class ErrorBody(msgspec.Struct, frozen=True):
    """An error. `code` is for programs and never changes, `detail` is a sentence for people, `attr` the field at fault."""

    type: Literal[
        "validation_error", "invalid_request", "authentication_error", "throttled_error", "server_error"
    ]
    code: str
    detail: str
    attr: str | None


class Query(msgspec.Struct, frozen=True):
    """A query parameter that a handler reads by hand."""

    name: str
    about: str
    type: Any = str


class DocumentedAnswer(msgspec.Struct, frozen=True):
    """What a route may answer with one status: `types` are the alternatives, a `str` is text, none is no body."""

    about: str = ""
    types: tuple[Any, ...] = ()
    headers: tuple[str, ...] = ()
    text_type: str = "text/plain"


class Documented(msgspec.Struct, frozen=True):
    """Everything that a route says about itself.

    `problem` is the shape of its errors, None when it has none; `errors` names statuses that can't be seen from outside.
    """

    query: Sequence[Query] = ()
    path: Mapping[str, str] = {}
    body: Any = None
    media_types: Sequence[str] = FORMS
    answers: Mapping[int, DocumentedAnswer] = {}
    errors: Mapping[int, str] = {}
    problem: Any = ErrorBody
    credentials: str | None = None


def documented(**given: Any) -> dict[str, Any]:
    """Return the `opt` of a route that says the given fields of `Documented` about itself."""
    return {"documented": Documented(**given)}


PAGING = (
    Query("limit", "How many to return at most. What can't be read takes the default.", int),
    Query("offset", "How many to skip.", int),
    Query("after_mark", "A cursor out of `next`, which makes a later page as cheap as the first."),
)
"""Documented by itself where a route answers with a `Page`."""
