"""What SDKs send: public, answered as SDKs understand it (docs/wire/capture.md#answers)."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from litestar import Response, get, post
from litestar.exceptions import HTTPException, InternalServerException

from parley.kernel.errors import Unavailable
from parley.kernel.http.authorization import Project, public
from parley.kernel.http.dependencies import Services, With
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import (
    DocumentedAnswer,
    ErrorBody,
    Query,
    documented,
)
from parley.kernel.throttle import count_accepted, counted_for
from parley.people.events.actions import store_captured
from parley.people.events.errors import (
    CaptureRefused,
    CaptureTooLarge,
    TokenRefused,
    UndecodableBody,
)
from parley.people.events.routes.throttling import (
    EXCEPTION_HANDLERS,
    PER_ADDRESS,
    PER_PROJECT,
    capture_counted,
    n_counted,
)
from parley.people.events.rules.decoding import (
    MAX_BYTES,
    EncodedBody,
    decoded,
    is_json,
    with_plus_signs,
)
from parley.people.events.rules.events import Captured, captured_events
from parley.people.events.rules.submission import RequestContext, submission_of
from parley.people.events.rules.times import instant_of
from parley.people.events.rules.tokens import MISSING, checked_token, likely_tokens
from parley.people.events.schemas import Taken

R = TypeVar("R")

PATHS = ["/batch", "/capture", "/track", "/e", "/i/v0/e", "/engage"]
LARGE = 16 * 1024
"""Bodies over this size are read in a thread, so that other requests don't wait for them."""
MOST_OF_ANYBODY = 64 * 1024
"""JSON over this size is parsed only where a token in it, which is looked for first, belongs to a project."""
TRANSIENT = "transient error, please retry"
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
        200: DocumentedAnswer("The events are taken.", (Taken,)),
        204: DocumentedAnswer("The events are taken, for a beacon."),
        400: DocumentedAnswer("The body can't be read, or an event breaks a rule.", (str,)),
        401: DocumentedAnswer("There is no well-formed project token.", (str,)),
        413: DocumentedAnswer("The body or an event is too large.", (str,)),
        429: DocumentedAnswer("Too many requests.", (str,)),
        503: DocumentedAnswer(
            "The database does not answer; the same request may pass later.", (str, ErrorBody)
        ),
    },
}


def sent_of(request: ParleyRequest, body: bytes, max_bytes: int = MAX_BYTES) -> EncodedBody:
    """Return the body with what the request says about it."""
    return EncodedBody(
        body=body,
        content_type=request.headers.get("content-type", ""),
        content_encoding=request.headers.get("content-encoding", "").strip(),
        compression=request.query_params.get("compression", "").strip(),
        max_bytes=max_bytes,
    )


def token_in_query(request: ParleyRequest) -> str | None:
    """Return the project token that the URL states, well-formed or not."""
    return request.query_params.get("token", request.query_params.get("api_key"))


async def body_of(request: ParleyRequest) -> bytes:
    """Return the body as it came; raises TooMuch, and NotDecoded when it ended early."""
    try:
        return b"".join([piece async for piece in request.stream()])
    except InternalServerException as error:
        raise UndecodableBody("the body ended before it was complete") from error
    except HTTPException as error:
        await request.skip_body()
        raise CaptureTooLarge from error


def _context(request: ParleyRequest) -> RequestContext:
    query = request.query_params
    milliseconds = query.get("_", "")
    return RequestContext(
        token=token_in_query(request),
        sent_at=instant_of(float(milliseconds))
        if milliseconds.isdecimal() and len(milliseconds) < 16
        else None,
        is_engage=request.scope["path"].rstrip("/").endswith("/engage"),
    )


def _understood(data: bytes, context: RequestContext, now: datetime) -> tuple[str, list[Captured]]:
    submission = submission_of(data, context)
    return submission.token, captured_events(submission, now)


async def _is_known(request: ParleyRequest, *tokens: str) -> bool:
    """Say whether one of the tokens belongs to a project."""
    find = request.app.state.authenticator.project_by_api_token
    try:
        return any([await find(token) is not None for token in tokens])
    except Unavailable as error:
        raise CaptureRefused(TRANSIENT, 503) from error


async def _take(request: ParleyRequest, services: With, body: bytes | None) -> Response[Any]:
    """Take the events of a body, or of this request where none is given; nothing large is done for nobody's project."""
    context = _context(request)
    if context.token is not None and not await _is_known(request, checked_token(context.token)):
        return answer(request)
    sent = sent_of(request, await body_of(request) if body is None else body)
    data = await unpacked(sent)
    if len(data) > MOST_OF_ANYBODY:
        tokens = likely_tokens(data)
        if tokens and not await _is_known(request, *tokens):
            return answer(request)
        if not tokens and context.token is None:
            raise TokenRefused(MISSING)
    token, events = await _work(len(data) > LARGE, _understood, data, context, services.clock.now())
    await _keep(request, services, token, events, len(data))
    return answer(request)


async def unpacked(sent: EncodedBody) -> bytes:
    """Return the JSON text of a body, unpacked in a thread: few bytes may stand for many, in several layers."""
    return await _work(len(sent.body) > LARGE or not is_json(sent.body), decoded, sent)


async def _work(is_large: bool, work: Callable[..., R], *arguments: Any) -> R:
    return await asyncio.to_thread(work, *arguments) if is_large else work(*arguments)


async def _keep(
    request: ParleyRequest, services: Services, token: str, events: list[Captured], n_bytes: int
) -> None:
    try:
        project = await request.app.state.authenticator.project_by_api_token(token)
        if project is not None and events:
            if services.settings.limits_public:
                await _count(request, services, project, n_counted(n_bytes, len(events)))
            async with services.database.transaction() as db:
                await store_captured(db, project.id, events, services.clock.now())
    except Unavailable as error:
        raise CaptureRefused(TRANSIENT, 503) from error


async def _count(request: ParleyRequest, services: Services, project: Project, n: int) -> None:
    """Count the request by its size: for its address, where it has been counted once, and for its project."""
    if n > 1:
        await services.throttles.hit(*counted_for(request.client_address, PER_ADDRESS) * (n - 1))
    await count_accepted(request, *[(PER_PROJECT, str(project.id))] * n)


def answer(request: ParleyRequest) -> Response[Any]:
    """Say that everything was taken; a beacon of the browser wants no body."""
    if request.query_params.get("beacon") == "1":
        return Response(None, status_code=204)
    return Response(TAKEN)


@post(
    PATHS,
    status_code=200,
    guards=[public, capture_counted],
    request_max_body_size=MAX_BYTES,
    opt=documented(query=QUERY, body=Any, **TOLD),
    exception_handlers=EXCEPTION_HANDLERS,
)
async def capture(request: ParleyRequest, services: With) -> Response[Any]:
    """Take events; for a well-formed token that belongs to no project the answer is the same, and the events are dropped."""
    return await _take(request, services, None)


@get(
    PATHS,
    guards=[public, capture_counted],
    opt=documented(query=[*QUERY, DATA], **TOLD),
    exception_handlers=EXCEPTION_HANDLERS,
)
async def capture_from_query(request: ParleyRequest, services: With) -> Response[Any]:
    """Take an event from the query parameter `data`, as tracking pixels send it."""
    return await _take(request, services, with_plus_signs(request.query_params.get("data", "")).encode())


@post(
    "/s",
    status_code=200,
    guards=[public, capture_counted],
    request_max_body_size=MAX_BYTES,
    opt=documented(query=[BEACON], body=Any, **TOLD),
    exception_handlers=EXCEPTION_HANDLERS,
)
async def drop_snapshot(request: ParleyRequest) -> Response[Any]:
    """Accept a part of a recording, because SDKs send them, and drop it."""
    await body_of(request)
    return answer(request)


handlers: list[Any] = [capture, capture_from_query, drop_snapshot]
