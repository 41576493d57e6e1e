"""Signing in with a passkey (paths as PostHog has them)."""

from typing import Any

from litestar import Response, post
from litestar.params import JSONBody

from parley.accounts.sign_in.passkeys import sign_in_by_passkey
from parley.accounts.sign_in.schemas import ENTRY, Success
from parley.accounts.two_factor.actions.passkeys import begin_passkey_use
from parley.accounts.two_factor.actions.steps import STEP_LASTS
from parley.accounts.two_factor.schemas import PasskeyAnswer
from parley.kernel.dependencies import DbDependency, ServicesDependency
from parley.kernel.http.authorization import public
from parley.kernel.http.cookies import (
    SESSION_COOKIE,
    STEP_COOKIE,
    check_same_site,
    cookie,
    cookie_value,
    session_cookies,
)
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.addresses import network_of
from parley.kernel.throttle import MINUTE_S, Limit

BEGINNINGS = Limit("passkey-sign-ins", 30, MINUTE_S)
"""Of one address: each is a row."""


@post("/api/webauthn/login/begin", guards=[public], status_code=200, opt=ENTRY)
async def begin_passkey_login(
    request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> Response[dict[str, Any]]:
    """Return the options for `navigator.credentials.get()`; they name no account, and hold for ten minutes."""
    check_same_site(request)
    await services.throttles.hit((BEGINNINGS, network_of(request.client_address)))
    options, token = await begin_passkey_use(db, services)
    lasts_s = int(STEP_LASTS.total_seconds())
    return Response(options, cookies=[cookie(STEP_COOKIE, token, request, lasts_s=lasts_s)])


@post("/api/webauthn/login/complete", guards=[public], status_code=200, opt=ENTRY)
async def complete_passkey_login(
    data: JSONBody[PasskeyAnswer], request: ParleyRequest, services: ServicesDependency
) -> Response[Success]:
    """Sign in by what the authenticator has signed. No further factor is asked for: it has checked its user."""
    check_same_site(request)
    opened = await sign_in_by_passkey(
        services,
        step_token=cookie_value(request, STEP_COOKIE),
        answer=data,
        old_token=cookie_value(request, SESSION_COOKIE),
    )
    over = cookie(STEP_COOKIE, "", request, lasts_s=0)
    return Response(Success(), cookies=[*session_cookies(request, opened), over])


handlers: list[Any] = [begin_passkey_login, complete_passkey_login]
