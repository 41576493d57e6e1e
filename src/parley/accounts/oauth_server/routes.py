"""What programs ask without a person: what this server is, registration, tokens, and their end."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Response, get, post

from parley.accounts.oauth_server.actions.registering import read_registration, register_application
from parley.accounts.oauth_server.actions.tokens import answer_revocation, answer_token_request
from parley.accounts.oauth_server.errors import NO_STORE, InvalidClientMetadata, OAuthRefused
from parley.accounts.oauth_server.rules.metadata import (
    REGISTER,
    REVOKE,
    TOKEN,
    resource_metadata,
    server_metadata,
)
from parley.accounts.oauth_server.rules.resources import MCP_PATH, resources_of
from parley.accounts.oauth_server.schemas import ProtocolAnswer
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit, per_address

READ = per_address(Limit("oauth-metadata", 300, MINUTE_S))
REGISTERED = per_address(Limit("oauth-register", 30, HOUR_S))
ASKED = per_address(Limit("oauth-token", 120, MINUTE_S))
MOST_FIELDS = 50
SERVER = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource"


@get(SERVER, guards=[public, READ], include_in_schema=False)
async def show_authorization_server(services: ServicesDependency) -> Response[Any]:
    """Say which endpoints and methods this authorization server has (RFC 8414)."""
    return Response(server_metadata(services.settings.site_url))


@get([RESOURCE, RESOURCE + MCP_PATH], guards=[public, READ], include_in_schema=False)
async def show_protected_resource(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Say who gives tokens for the API, and for the MCP endpoint (RFC 9728)."""
    api, mcp = resources_of(services.settings.site_url)
    is_mcp = request.scope["path"].rstrip("/").endswith(MCP_PATH)
    return Response(resource_metadata(services.settings.site_url, mcp if is_mcp else api))


@post(REGISTER, guards=[public, REGISTERED], include_in_schema=False)
async def register_client(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Register a program (RFC 7591)."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise InvalidClientMetadata("A registration is JSON: send it as application/json.")
    made = await register_application(
        services, read_registration(await request.body()), request.client_address
    )
    return Response(made, status_code=201, headers=NO_STORE)


@post(TOKEN, guards=[public, ASKED], include_in_schema=False)
async def fetch_tokens(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Exchange a code or a refresh token for tokens (RFC 6749, section 3.2)."""
    pairs, authorization = await _form(request)
    return _response(await answer_token_request(services, pairs, authorization))


@post(REVOKE, guards=[public, ASKED], include_in_schema=False)
async def revoke_token(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """End a token (RFC 7009)."""
    pairs, authorization = await _form(request)
    return _response(await answer_revocation(services, pairs, authorization))


async def _form(request: ParleyRequest) -> tuple[list[tuple[str, str]], str]:
    """Return the fields of a form in their order, and the Authorization header; raises OAuthRefused."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise OAuthRefused("Send the parameters as application/x-www-form-urlencoded.")
    raw = (await request.body()).decode("ascii", "replace")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise OAuthRefused(f"A request has at most {MOST_FIELDS} parameters.") from error
    return pairs, request.headers.get("authorization", "")


def _response(answer: ProtocolAnswer) -> Response[Any]:
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-type"}
    return Response(answer.body, status_code=answer.status, headers=NO_STORE | headers)


handlers: list[Any] = [
    show_authorization_server, show_protected_resource, register_client, fetch_tokens, revoke_token,
]  # fmt: skip
