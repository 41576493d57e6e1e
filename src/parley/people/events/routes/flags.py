"""Feature flags as SDKs ask for them at their start: `/flags` (new) and `/decide` (old)."""

from typing import Any

from litestar import Response, post

from parley.kernel.http.authorization import Project, public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import new_uuid
from parley.kernel.openapi.documented import (
    DocumentedAnswer,
    ErrorBody,
    Query,
    documented,
)
from parley.people.events.bodies import (
    decoded_body,
    encoded_body,
    received_body,
    token_in_query,
)
from parley.people.events.errors import InvalidProjectToken
from parley.people.events.rules.flags import decide_answer, flags_answer, remote_config
from parley.people.events.rules.lenient_json import lenient_json
from parley.people.events.rules.tokens import agreed_token, checked_token
from parley.people.events.throttling import EXCEPTION_HANDLERS, flags_counted

MAX_BYTES = 64 * 1024
"""As sent and at every step of decompression: SDKs send an id and what they know of a person."""
CONFIG_WANTED = ("true", "1")
VERSION = Query("v", "The version of the answer's shape that the SDK knows.", int)
QUERY = [
    VERSION,
    Query("compression", "How the body is packed: `gzip`, `gzip-js`, `base64` or `lz64`."),
    Query("token", "The project token, where the body doesn't hold it."),
    Query("api_key", "The same, as older SDKs call it."),
]
CONFIG = Query("config", "Whether the configuration is wanted, too.", bool)
DOCUMENTED: dict[str, Any] = {
    "body": Any,
    "problem": str,
    "media_types": ("application/json", "text/plain", "application/x-www-form-urlencoded"),
    "answers": {
        200: DocumentedAnswer("Flags and configuration.", (dict[str, Any],)),
        400: DocumentedAnswer("The body can't be read.", (str,)),
        401: DocumentedAnswer("The token is missing, not well-formed, or of no project.", (str, ErrorBody)),
        413: DocumentedAnswer("The body is too large.", (str,)),
        429: DocumentedAnswer("Too many requests.", (str,)),
        503: DocumentedAnswer("The database does not answer; the same request may pass later.", (ErrorBody,)),
    },
}


async def _asking_project(request: ParleyRequest) -> Project:
    """Return the project that the request names; raises InvalidProjectToken, and CaptureRefused when it is not readable."""
    of_query = token_in_query(request)
    if of_query is not None:
        await _project_of(request, checked_token(of_query))
    data = await decoded_body(encoded_body(request, await received_body(request), MAX_BYTES))
    body = lenient_json(data) if data.strip() else {}
    return await _project_of(request, agreed_token({}, [body if isinstance(body, dict) else {}], of_query))


async def _project_of(request: ParleyRequest, token: str) -> Project:
    found: Project | None = await request.app.state.authenticator.project_by_api_token(token)
    if found is None:
        raise InvalidProjectToken
    return found


@post(
    "/flags",
    status_code=200,
    guards=[public, flags_counted],
    request_max_body_size=MAX_BYTES,
    opt=documented(query=[*QUERY, CONFIG], **DOCUMENTED),
    exception_handlers=EXCEPTION_HANDLERS,
)
async def show_flags(request: ParleyRequest) -> Response[Any]:
    """Answer that there are no feature flags; `v=2` is the newer form, `config=true` adds the configuration."""
    project = await _asking_project(request)
    query = request.query_params
    with_config = query.get("config", "").lower() in CONFIG_WANTED
    config = remote_config(project) if with_config else None
    return Response(flags_answer(query.get("v", ""), config, str(new_uuid())))


@post(
    "/decide",
    status_code=200,
    guards=[public, flags_counted],
    request_max_body_size=MAX_BYTES,
    opt=documented(query=QUERY, **DOCUMENTED),
    exception_handlers=EXCEPTION_HANDLERS,
)
async def decide(request: ParleyRequest) -> Response[Any]:
    """Answer old SDKs, which get flags and configuration together."""
    config = remote_config(await _asking_project(request))
    return Response(decide_answer(request.query_params.get("v", ""), config))


handlers: list[Any] = [show_flags, decide]
