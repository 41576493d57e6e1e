"""What a request of the external API passes before it reaches a ticket: the secret token, and the rate limits."""

from parley.accounts.authentication.authenticator import CachingAuthenticator
from parley.kernel.errors import PlainError
from parley.kernel.http.authorization import Project
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.addresses import network_of
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit

PER_PROJECT = (Limit("external", 120, MINUTE_S), Limit("external-hour", 1200, HOUR_S))
WRONG_TOKENS = Limit("external-wrong-tokens", 60, MINUTE_S)
"""For each address."""


async def project_of(request: ParleyRequest) -> Project:
    """Return the project whose secret token the request carries, and count the request; raises PlainError and Throttled."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise _refused("Missing or invalid Authorization header")
    if not token.strip():
        raise _refused("Empty API key")
    services: Services = request.app.state.services
    access: CachingAuthenticator = request.app.state.authenticator
    project = await access.project_by_secret_token(token.strip())
    if project is None or not project.conversations_enabled:
        if services.settings.limits_public:
            await services.throttles.hit((WRONG_TOKENS, network_of(request.client_address)))
        raise _refused("Invalid API key")
    if services.settings.limits_keys:
        await services.throttles.hit(*((limit, str(project.id)) for limit in PER_PROJECT))
    return project


def _refused(text: str) -> PlainError:
    return PlainError(401, {"error": text}, headers={"WWW-Authenticate": "Bearer"})
