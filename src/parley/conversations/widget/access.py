"""What every widget request passes before it reaches a ticket: token, rate limits, origin, identity."""

from collections.abc import Mapping
from typing import Any, Literal

import structlog

from parley.accounts.authentication.authenticator import CachingAuthenticator
from parley.accounts.projects.queries.projects import secret_tokens
from parley.conversations.threads.actions.takeover import take_over
from parley.conversations.threads.rules import Visitor
from parley.conversations.tickets.actions.customers import Owner
from parley.conversations.widget.errors import WrongToken
from parley.conversations.widget.rules.identity import is_signed, session_of, verified_email
from parley.conversations.widget.rules.origins import is_allowed
from parley.conversations.widget.rules.requests import Credentials, claimed_session
from parley.kernel.errors import PlainError
from parley.kernel.http.authorization import Project
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.addresses import network_of
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit, count_accepted

log = structlog.get_logger(__name__)

READ_ADDRESS = (Limit("widget-read-address", 600, MINUTE_S),)
WRITE_ADDRESS = (
    Limit("widget-write-address", 120, MINUTE_S),
    Limit("widget-write-address-hour", 600, HOUR_S),
)
"""What one address may send, for all visitors behind it: a small part of what a project may get."""
LIMITS = {
    "read": (
        Limit("widget-read-caller", 30, MINUTE_S),
        Limit("widget-read-project", 360_000, HOUR_S),
    ),
    "write": (
        Limit("widget-write-caller", 30, MINUTE_S),
        Limit("widget-write-project", 3600, HOUR_S),
    ),
}
"""For each session (or address, without one), and for all that a project's visitors send together."""
FORBIDDEN = {"error": "Forbidden"}


async def project_of(request: ParleyRequest) -> Project:
    """Return the project whose public token the request shows; raises PlainError or WrongToken."""
    token = request.headers.get("x-conversations-token", "").strip()
    if not token:
        raise PlainError(403, {"error": "Authentication required"})
    access: CachingAuthenticator = request.app.state.authenticator
    project = await access.project_by_widget_token(token)
    if project is None or not project.conversations_enabled:
        raise WrongToken
    return project


async def count_request(
    request: ParleyRequest, project: Project, given: Mapping[str, Any], kind: Literal["read", "write"]
) -> None:
    """Count the request for its caller, and, if it is accepted, for the project; raises Throttled.

    Reads and writes have budgets of their own, so that a page that polls can always send. The address was counted before
    by the guard of the route. What is refused takes nothing from the budget that all visitors of a project share.
    """
    services: Services = request.app.state.services
    if not services.settings.limits_public:
        return
    caller = claimed_session(given) or network_of(request.client_address)
    of_caller, of_project = LIMITS[kind]
    await services.throttles.hit((of_caller, f"{project.id}\n{caller}"))
    await count_accepted(request, (of_project, str(project.id)))


def check_page(request: ParleyRequest, project: Project) -> None:
    """Raise PlainError (403) unless the page that sends this lies in the project's `widget_domains`."""
    page = request.headers.get("origin") or request.headers.get("referer")
    if not is_allowed(page, project.settings.get("widget_domains") or ()):
        raise PlainError(403, {"error": "Origin not allowed"})


async def visitor_of(services: Services, project: Project, credentials: Credentials) -> Visitor:
    """Return whom the request may act for; raises PlainError (403) for an identity that nobody signed.

    A verified identity that shows a session takes over what that session has opened.
    """
    identity = credentials.identity
    if identity is None:
        return Visitor(widget_session_id=credentials.session)
    secrets = await _secrets(services, project)
    if not is_signed(identity, secrets):
        raise PlainError(403, FORBIDDEN)
    if credentials.session is not None:
        owner = Owner(identity.distinct_id, session_of(identity))
        await take_over(services, project.id, credentials.session, owner)
    signed_email = verified_email(identity, secrets, services.clock.now())
    return Visitor(distinct_id=identity.distinct_id, signed_email=signed_email)


async def _secrets(services: Services, project: Project) -> list[str]:
    try:
        return await secret_tokens(services.database, services.vault, project.id)
    except ValueError:
        # Stored under another PARLEY_SECRET_KEY: nothing can be verified, so nobody is.
        log.error("project_secret_unreadable", project_id=project.id)
        return []
