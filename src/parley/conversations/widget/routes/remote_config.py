"""The configuration that the browser's SDK asks for first, as JSON and as a script."""

import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from parley.accounts.authentication.authenticator import CachingAuthenticator
from parley.conversations.widget.rules.config import widget_config
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, documented
from parley.kernel.throttle import Limit, per_address

GONE_CONVERSATION = (Path(__file__).parent.parent / "gone_conversation.js").read_bytes()
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
# Every page view of a customer's site asks; a change of the settings shows half a minute later.
HEADERS = {"Cache-Control": "public, max-age=30"}
counted = per_address(Limit("config-address", 1200, 60))
SCRIPT = documented(answers={200: DocumentedAnswer("The script.", (str,), text_type="text/javascript")})


async def _config(request: ParleyRequest, token: str) -> dict[str, Any]:
    if not TOKEN.fullmatch(token):
        raise NotFound
    access: CachingAuthenticator = request.app.state.authenticator
    return widget_config(token, await access.project_by_api_token(token))


@get("/array/{token:str}/config", guards=[public, counted])
async def show_config(request: ParleyRequest, token: FromPath[str]) -> Response[dict[str, Any]]:
    """Show the SDK's configuration of a project; for an unknown token, conversations are off."""
    return Response(await _config(request, token), headers=HEADERS, media_type="application/json")


@get("/array/{token:str}/config.js", guards=[public, counted], opt=SCRIPT)
async def show_config_script(request: ParleyRequest, token: FromPath[str]) -> Response[bytes]:
    """Send the same as a script, which the SDK asks for first, and what lets its widget begin anew."""
    found = await _config(request, token)
    key = msgspec.json.encode(token)
    entry = msgspec.json.encode({"config": found, "siteApps": []})
    script = (
        GONE_CONVERSATION + b"(function(w){w._POSTHOG_REMOTE_CONFIG=w._POSTHOG_REMOTE_CONFIG||{};"
        b"w._POSTHOG_REMOTE_CONFIG[" + key + b"]=" + entry + b"})(window);\n"
    )
    return Response(script, headers=HEADERS, media_type="text/javascript")
