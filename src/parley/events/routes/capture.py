"""What SDKs send: public, answered in the words of the wire format (core.md, section 6.10)."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import HTTPException, InternalServerException

from parley.events.actions.capture import store
from parley.events.errors import CaptureRefused, NotDecoded, TooMuch
from parley.events.rules.decoding import MAX_BYTES, Sent, decoded, with_plus_signs
from parley.events.rules.events import Captured, captured_events
from parley.events.rules.reading import Context, Submission, submission_of
from parley.events.rules.times import instant_of
from parley.events.schemas import Taken
from parley.kernel.access import public
from parley.kernel.dependencies import With
from parley.kernel.documented import Answer, ErrorBody, Query, documented
from parley.kernel.errors import Unavailable
from parley.kernel.request import ParleyRequest

PATHS = ["/batch", "/capture", "/track", "/e", "/i/v0/e", "/engage"]
LARGE = 256 * 1024
"""Bodies from this size on are read in a thread, so that other requests don't wait for them."""
TAKEN = {"status": 1}
BEACON = Query("beacon", "`1` asks for an empty answer.")
QUERY = [
    Query("compression", "How the body is packed: `gzip`, `gzip-js`, `base64` or `lz64`."),
    Query("token", "The project token, where the body doesn't hold it."),
    Query("api_key", "The same, as older SDKs call it."),
    Query("_", "When it was sent, in milliseconds since 1970.", int),
    BEACON,
]
DATA = Query("data", "The event, as JSON or packed.")
TOLD: dict[str, Any] = {
    "problem": str,
    "media_types": ("application/json", "text/plain", "application/x-www-form-urlencoded"),
    "answers": {
        200: Answer("The events are taken.", (Taken,)),
        204: Answer("The events are taken, for a beacon."),
        400: Answer("The body can't be read, or an event breaks a rule.", (str,)),
        401: Answer("There is no well-formed project token.", (str,)),
        413: Answer("The body or an event is too large.", (str,)),
        503: Answer("The database does not answer; the same request may pass later.", (str, ErrorBody)),
    },
}


def sent_of(request: ParleyRequest, body: bytes) -> Sent:
    """Return the body with what the request says about it."""
    return Sent(
        body=body,
        content_type=request.headers.get("content-type", ""),
        content_encoding=request.headers.get("content-encoding", "").strip(),
        compression=request.query_params.get("compression", "").strip(),
    )


async def body_of(request: ParleyRequest) -> bytes:
    """Return the body as it came; raises TooMuch, and NotDecoded when it ended early."""
    try:
        return b"".join([piece async for piece in request.stream()])
    except InternalServerException as error:
        raise NotDecoded("the body ended before it was complete") from error
    except HTTPException as error:
        raise TooMuch from error


def _context(request: ParleyRequest) -> Context:
    query = request.query_params
    milliseconds = query.get("_", "")
    return Context(
        token=query.get("token", query.get("api_key")),
        sent_at=instant_of(float(milliseconds))
        if milliseconds.isdecimal() and len(milliseconds) < 16
        else None,
        is_engage=request.scope["path"].rstrip("/").endswith("/engage"),
    )


def _understood(request: ParleyRequest, body: bytes, services: Any) -> tuple[Submission, list[Captured]]:
    submission = submission_of(decoded(sent_of(request, body)), _context(request))
    return submission, captured_events(submission, services.clock.now())


async def _take(request: ParleyRequest, services: With, body: bytes) -> Response[Any]:
    is_small = len(body) < LARGE and not body.startswith(b"\x1f\x8b")
    if is_small:
        submission, events = _understood(request, body, services)
    else:
        submission, events = await asyncio.to_thread(_understood, request, body, services)
    try:
        project = await request.app.state.authenticator.project_by_api_token(submission.token)
        if project is not None and events:
            async with services.database.transaction() as db:
                await store(db, project.id, events, services.clock.now())
    except Unavailable as error:
        raise CaptureRefused("transient error, please retry", 503) from error
    return answer(request)


def answer(request: ParleyRequest) -> Response[Any]:
    """Say that everything was taken; a beacon of the browser wants no body."""
    if request.query_params.get("beacon") == "1":
        return Response(None, status_code=204)
    return Response(TAKEN)


@post(
    PATHS,
    status_code=200,
    guards=[public],
    request_max_body_size=MAX_BYTES,
    opt=documented(query=QUERY, body=Any, **TOLD),
)
async def capture(request: ParleyRequest, services: With) -> Response[Any]:
    """Take events; a well-formed token that belongs to no project is answered alike, and the events are dropped."""
    return await _take(request, services, await body_of(request))


@get(PATHS, guards=[public], opt=documented(query=[*QUERY, DATA], **TOLD))
async def capture_from_query(request: ParleyRequest, services: With) -> Response[Any]:
    """Take an event from the query parameter `data`, as tracking pixels send it."""
    return await _take(request, services, with_plus_signs(request.query_params.get("data", "")).encode())


@post(
    "/s",
    status_code=200,
    guards=[public],
    request_max_body_size=MAX_BYTES,
    opt=documented(query=[BEACON], body=Any, **TOLD),
)
async def drop_snapshot(request: ParleyRequest) -> Response[Any]:
    """Take a part of a recording, so that the SDK is content, and drop it."""
    await body_of(request)
    return answer(request)


handlers: list[Any] = [capture, capture_from_query, drop_snapshot]
