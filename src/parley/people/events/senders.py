"""Who sends: looked up before anything large is read or parsed, since anybody can write a token."""

from typing import Any

from litestar import Response

from parley.kernel.errors import Unavailable
from parley.kernel.http.request import ParleyRequest
from parley.people.events.errors import CaptureRefused, TokenRefused
from parley.people.events.rules.tokens import MISSING, likely_tokens

TRANSIENT = "transient error, please retry"
CAPTURED = {"status": 1}


async def is_known(request: ParleyRequest, *tokens: str) -> bool:
    """Say whether one of the tokens belongs to a project; raises CaptureRefused (503) while nobody can say."""
    find = request.app.state.authenticator.project_by_api_token
    try:
        return any([await find(token) is not None for token in tokens])
    except Unavailable as error:
        raise CaptureRefused(TRANSIENT, 503) from error


async def may_be_known(request: ParleyRequest, data: bytes, of_query: str | None) -> bool:
    """Say whether a token in the JSON text, or in the URL, belongs to a project; raises TokenRefused where there is none."""
    tokens = likely_tokens(data)
    if not tokens and of_query is None:
        raise TokenRefused(MISSING)
    return not tokens or await is_known(request, *tokens)


def captured(request: ParleyRequest) -> Response[Any]:
    """Answer that the events were accepted; a beacon of the browser wants no body."""
    if request.query_params.get("beacon") == "1":
        return Response(None, status_code=204)
    return Response(CAPTURED)
