"""The guard of MCP: a bearer token in the header, known before anything of the body is read; never a cookie."""

from litestar.handlers import BaseRouteHandler

from parley.kernel.errors import AuthenticationFailed, NotAuthenticated
from parley.kernel.http.authorization import Authenticator, Connection, Guard, Principal
from parley.kernel.services import Services
from parley.mcp.errors import ForeignOrigin, MisdirectedHost, TokenNeeded
from parley.mcp.rules.hosts import is_own_host, is_own_origin

METADATA_PATH = "/.well-known/oauth-protected-resource/mcp"
"""Where a client finds out how to get a token (RFC 9728, section 3.1)."""


async def _bearer_only(connection: Connection, __: BaseRouteHandler) -> None:
    services: Services = connection.app.state.services
    site_url = services.settings.site_url
    _check_place(connection, site_url)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    authenticator: Authenticator = connection.app.state.authenticator
    try:
        if scheme.lower() != "bearer" or not token.strip():
            raise NotAuthenticated
        principal = await authenticator.principal(connection)
    except (NotAuthenticated, AuthenticationFailed) as error:
        detail = error.detail if isinstance(error, AuthenticationFailed) else None
        raise TokenNeeded(detail, headers={"WWW-Authenticate": challenge(site_url, bool(token))}) from error
    await authenticator.throttle(connection, principal)
    connection.scope["state"]["principal"] = principal


def _check_place(connection: Connection, site_url: str) -> None:
    host, origin = connection.headers.get("host", ""), connection.headers.get("origin")
    if not is_own_host(host, site_url):
        raise MisdirectedHost
    if origin is not None and not is_own_origin(origin, host, site_url):
        raise ForeignOrigin("Pages of other sites can't use MCP.")


def challenge(site_url: str, has_token: bool) -> str:
    """Return the challenge of a 401 (RFC 6750, section 3; RFC 9728, section 5.1)."""
    error = 'error="invalid_token", ' if has_token else ""
    return f'Bearer {error}resource_metadata="{site_url}{METADATA_PATH}"'


def principal_of(connection: Connection) -> Principal:
    """Return the caller that the guard has found."""
    principal: Principal = connection.scope["state"]["principal"]
    return principal


bearer_only: Guard = _bearer_only
"""Let in every known caller with a bearer token, from this server's own hosts and origins."""
bearer_only.admits = "any"  # type: ignore[attr-defined]  # read by the generated page of routes
bearer_only.scopes = ()  # type: ignore[attr-defined]
