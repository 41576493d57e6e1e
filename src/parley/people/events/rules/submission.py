"""From decoded JSON to the events of a request, in any of the formats of SDKs (docs/wire/capture.md#requests)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from parley.people.events.errors import CaptureRefused, UnparsableBody
from parley.people.events.rules.lenient_json import lenient_json
from parley.people.events.rules.times import instant_of
from parley.people.events.rules.tokens import agreed_token

MAX_EVENTS = 10_000
"""One request may hold so many events; SDKs send up to a few hundred."""
NO_EVENT = "request holds no event"


class RequestContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says outside of its body; `token` and `sent_at` are of the query string."""

    token: str | None = None
    sent_at: datetime | None = None
    is_engage: bool = False


class Submission(msgspec.Struct, frozen=True):
    """The events of one request, still as they were sent, and what holds for all of them."""

    token: str
    sent_at: datetime | None
    events: list[dict[str, Any]]


def submission_of(data: bytes, context: RequestContext) -> Submission:
    """Return the events of a decoded body; raises CaptureRefused for what is no event."""
    if not data.strip():
        raise CaptureRefused(NO_EVENT)
    body = lenient_json(data)
    whole: dict[str, Any] = {}
    if isinstance(body, dict):
        batch = body.get("batch")
        if isinstance(batch, list):
            whole, events = body, batch
        elif batch is not None:
            raise UnparsableBody("`batch` must be a list of events")
        else:
            events = [body]
    elif isinstance(body, list):
        events = body
    else:
        raise UnparsableBody("expected an object or a list of objects")
    checked = list(_checked(events, context))
    if not checked:
        raise CaptureRefused(NO_EVENT)
    token = agreed_token(whole, checked, context.token)
    return Submission(token, _sent_at(whole, checked, context), checked)


def _checked(events: list[Any], context: RequestContext) -> Iterator[dict[str, Any]]:
    if len(events) > MAX_EVENTS:
        raise UnparsableBody(f"more than {MAX_EVENTS} events in one request")
    for event in events:
        if not isinstance(event, dict):
            raise UnparsableBody("an event must be an object")
        if context.is_engage and "event" not in event:
            event = {**event, "event": "$identify"}
        yield event


def _sent_at(whole: dict[str, Any], events: list[dict[str, Any]], context: RequestContext) -> datetime | None:
    """Return the client's clock at sending: of the batch, of a lone event, or of the query string."""
    sender = whole or events[0]
    stated = sender.get("sent_at", sender.get("sentAt"))
    return instant_of(stated) or context.sent_at
