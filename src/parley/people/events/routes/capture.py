"""What SDKs send: public, answered as SDKs understand it (docs/wire/capture.md#answers)."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post

from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import Unavailable
from parley.kernel.http.authorization import Project, public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import (
    DocumentedAnswer,
    ErrorBody,
    Query,
    documented,
)
from parley.kernel.services import Services
from parley.kernel.throttle import count_accepted, counted_for
from parley.people.events.actions import store_captured
from parley.people.events.bodies import (
    LARGE,
    decoded_body,
    encoded_body,
    in_thread_if,
    received_body,
    token_in_query,
)
from parley.people.events.errors import CaptureRefused
from parley.people.events.rules.decoding import (
    MAX_BYTES,
    with_plus_signs,
)
from parley.people.events.rules.events import Captured, captured_events
from parley.people.events.rules.submission import RequestContext, submission_of
from parley.people.events.rules.times import instant_of
from parley.people.events.rules.tokens import checked_token
from parley.people.events.schemas import Taken
from parley.people.events.senders import TRANSIENT, captured, is_known, may_be_known
from parley.people.events.throttling import (
    EXCEPTION_HANDLERS,
    PER_ADDRESS,
    PER_PROJECT,
    capture_counted,
    n_counted,
)

PATHS = ["/batch", "/capture", "/track", "/e", "/i/v0/e", "/engage"]
MAX_OF_UNKNOWN = 64 * 1024
"""JSON over this size is parsed only where a token in it, which is looked for first, belongs to a project."""
BEACON = Query("beacon", "`1` asks for an empty answer.")
QUERY = [
    Query("compression", "How the body is packed: `gzip`, `gzip-js`, `base64` or `lz64`."),
    Query("token", "The project token, where the body doesn't hold it."),
    Query("api_key", "The same, as older SDKs call it."),
    Query("_", "When it was sent, in milliseconds since 1970.", int),
    BEACON,
]
DATA = Query("data", "The event, as JSON or packed.")
DOCUMENTED: dict[str, Any] = {
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


def _context(request: ParleyRequest) -> RequestContext:
    milliseconds = request.query_params.get("_", "")
    return RequestContext(
        token=token_in_query(request),
        sent_at=instant_of(float(milliseconds))
        if milliseconds.isdecimal() and len(milliseconds) < 16
        else None,
        is_engage=request.scope["path"].rstrip("/").endswith("/engage"),
    )


async def _capture(request: ParleyRequest, services: Services, given: bytes | None = None) -> Response[Any]:
    """Store the events of the request's body, or of what is given instead.

    Nothing large is read or parsed for a token that belongs to no project.
    """
    context = _context(request)
    if context.token is not None and not await is_known(request, checked_token(context.token)):
        return captured(request)
    body = await received_body(request) if given is None else given
    data = await decoded_body(encoded_body(request, body))
    if len(data) > MAX_OF_UNKNOWN and not await may_be_known(request, data, context.token):
        return captured(request)
    now = services.clock.now()
    token, events = await in_thread_if(len(data) > LARGE, _parsed, data, context, now)
    await _store(request, services, token, events, len(data))
    return captured(request)


def _parsed(data: bytes, context: RequestContext, now: datetime) -> tuple[str, list[Captured]]:
    submission = submission_of(data, context)
    return submission.token, captured_events(submission, now)


async def _store(
    request: ParleyRequest, services: Services, token: str, events: list[Captured], n_bytes: int
) -> None:
    try:
        project = await request.app.state.authenticator.project_by_api_token(token)
        if project is not None and events:
            if services.settings.limits_public:
                await _count_request(request, services, project, n_counted(n_bytes, len(events)))
            async with services.database.transaction() as db:
                await store_captured(db, project.id, events, services.clock.now())
    except Unavailable as error:
        raise CaptureRefused(TRANSIENT, 503) from error


async def _count_request(request: ParleyRequest, services: Services, project: Project, n: int) -> None:
    """Count the request by its size: for its address, where it has been counted once, and for its project."""
    if n > 1:
        await services.throttles.hit(*counted_for(request.client_address, PER_ADDRESS) * (n - 1))
    await count_accepted(request, *[(PER_PROJECT, str(project.id))] * n)


@post(
    PATHS,
    status_code=200,
    guards=[public, capture_counted],
    request_max_body_size=MAX_BYTES,
    opt=documented(query=QUERY, body=Any, **DOCUMENTED),
    exception_handlers=EXCEPTION_HANDLERS,
)
async def capture(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Take events; for a well-formed token that belongs to no project the answer is the same, and the events are dropped."""
    return await _capture(request, services)


@get(
    PATHS,
    guards=[public, capture_counted],
    opt=documented(query=[*QUERY, DATA], **DOCUMENTED),
    exception_handlers=EXCEPTION_HANDLERS,
)
async def capture_from_query(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Take an event from the query parameter `data`, as tracking pixels send it."""
    return await _capture(request, services, with_plus_signs(request.query_params.get("data", "")).encode())


handlers: list[Any] = [capture, capture_from_query]
