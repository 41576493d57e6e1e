"""What a request of the external API passes before it reaches a ticket: the secret token, and the rate limits."""

from parley.accounts.access import Access
from parley.kernel.access import Project
from parley.kernel.dependencies import Services
from parley.kernel.errors import PlainError
from parley.kernel.request import ParleyRequest

LIMITS = ((120, 60), (1200, 3600))


async def project_of(request: ParleyRequest) -> Project:
    """Return the project whose secret token the request carries, and count the request; raises PlainError."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise _refused("Missing or invalid Authorization header")
    if not token.strip():
        raise _refused("Empty API key")
    access: Access = request.app.state.authenticator
    project = await access.project_by_secret_token(token.strip())
    if project is None or not project.conversations_enabled:
        raise _refused("Invalid API key")
    await _count(request.app.state.services, project)
    return project


async def _count(services: Services, project: Project) -> None:
    if not services.settings.rate_limits:
        return
    for limit, window_s in LIMITS:
        count, wait_s = await services.cache.increment(f"external:{project.id}:{window_s}", window_s)
        if count > limit:
            text = f"Request was throttled. Expected available in {wait_s} seconds."
            raise PlainError(429, {"error": text}, headers={"Retry-After": str(wait_s)})


def _refused(text: str) -> PlainError:
    return PlainError(401, {"error": text}, headers={"WWW-Authenticate": "Bearer"})
