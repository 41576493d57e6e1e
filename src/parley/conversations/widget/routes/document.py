"""What the widget's routes say about themselves in the OpenAPI document: they read everything by hand."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.conversations.widget.rules.requests import (
    MAX_EMAIL,
    MAX_MESSAGE,
    MAX_ROWS,
    MAX_SESSION_ID,
)
from parley.kernel.openapi.documented import (
    DocumentedAnswer,
    ErrorBody,
    Query,
    documented,
)
from parley.people.persons.rules.distinct_ids import DistinctId

Digest = Annotated[str, Meta(pattern="^[0-9a-fA-F]{64}$")]
Seconds = Annotated[int, Meta(ge=0, lt=10**10)]


class WidgetProblem(msgspec.Struct, frozen=True):
    """An error of the widget's API; `details` holds sentences by field."""

    error: str
    details: dict[str, list[str]] | UnsetType = UNSET


class Caller(msgspec.Struct, kw_only=True):
    """Who asks: a session of the widget, an identity that the site's server signed, or both.

    With both, what the session has opened becomes the identity's.
    """

    widget_session_id: UUID | None = None
    identity_distinct_id: DistinctId | None = None
    identity_hash: Digest | None = None
    identity_email: Annotated[str, Meta(max_length=MAX_EMAIL)] | None = None
    identity_hash_email: Digest | None = None
    identity_exp_email: Seconds | None = None


class VisitorMessage(Caller, kw_only=True):
    """A message of a visitor, for a new ticket or for one of theirs; without an identity `distinct_id` is needed."""

    message: Annotated[str, Meta(min_length=1, max_length=MAX_MESSAGE)]
    distinct_id: DistinctId | None = None
    ticket_id: UUID | None = None
    traits: dict[str, Any] = {}
    session_id: Annotated[str, Meta(max_length=MAX_SESSION_ID)] | None = None
    session_context: dict[str, Any] = {}


CALLER = [
    Query("widget_session_id", "The session of the widget.", UUID),
    Query("identity_distinct_id", "Whom the site's server has signed for."),
    Query("identity_hash", "That signature.", Digest),
    Query("identity_email", "An e-mail address that the site's server has signed."),
    Query("identity_hash_email", "That signature.", Digest),
    Query("identity_exp_email", "When the signed address expires, in seconds since 1970.", Seconds),
]
LIMIT = Query("limit", "How many to return at most.", Annotated[int, Meta(ge=1, le=MAX_ROWS)])
COMMON: dict[str, Any] = {
    "problem": WidgetProblem,
    "credentials": "widgetToken",
    "errors": {
        404: "There is no such ticket.",
        429: "Too many requests.",
    },
    "answers": {
        403: DocumentedAnswer(
            "The token is missing or not valid, or the caller may not do this.", (WidgetProblem, ErrorBody)
        )
    },
}
WRITE = documented(body=VisitorMessage, **COMMON)
READ = documented(body=Caller, **COMMON)
THREAD = documented(
    query=[*CALLER, Query("after", "Only messages later than this.", datetime), LIMIT], **COMMON
)
TICKETS = documented(
    query=[
        *CALLER,
        Query(
            "status",
            "Only tickets of this status.",
            Literal["new", "open", "pending", "on_hold", "resolved"],
        ),
        LIMIT,
        Query("offset", "How many to skip.", Annotated[int, Meta(ge=0)]),
    ],
    **COMMON,
)
