"""Passkeys of the caller (paths as PostHog has them). In a session only; making one needs a recent one."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.accounts.sessions.queries import check_session
from parley.accounts.two_factor.actions.passkeys import (
    begin_passkey,
    delete_passkey,
    make_passkey,
    rename_passkey,
)
from parley.accounts.two_factor.actions.steps import STEP_LASTS
from parley.accounts.two_factor.queries.passkeys import passkey_by_id, passkeys_of
from parley.accounts.two_factor.schemas import PasskeyAnswer, PasskeyMade, PasskeyOut, PasskeyPatch
from parley.kernel.dependencies import DbDependency, PrincipalDependency, ServicesDependency
from parley.kernel.http.authorization import recently_authenticated, session_only
from parley.kernel.http.cookies import STEP_COOKIE, cookie, cookie_value
from parley.kernel.http.request import ParleyRequest
from parley.kernel.throttle import MINUTE_S, Limit

CREDENTIALS = "/api/webauthn/credentials"
MAKINGS = Limit("passkeys-made", 20, MINUTE_S)


@post("/api/webauthn/register/begin", guards=[session_only, recently_authenticated], status_code=200)
async def begin_passkey_registration(
    request: ParleyRequest, principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> Response[dict[str, Any]]:
    """Return the options for `navigator.credentials.create()`; they hold for ten minutes, in this browser."""
    await services.throttles.hit((MAKINGS, str(principal.user_id)))
    await check_session(db, principal)
    options, token = await begin_passkey(db, services, principal)
    lasts_s = int(STEP_LASTS.total_seconds())
    return Response(options, cookies=[cookie(STEP_COOKIE, token, request, lasts_s=lasts_s)])


@post("/api/webauthn/register/complete", guards=[session_only, recently_authenticated], status_code=200)
async def complete_passkey_registration(
    data: JSONBody[PasskeyAnswer],
    request: ParleyRequest,
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> PasskeyMade:
    """Store the passkey that the authenticator has made; `label` is its name."""
    made = await make_passkey(services, principal, cookie_value(request, STEP_COOKIE), data)
    return PasskeyMade(credential_id=made)


@get(CREDENTIALS, guards=[session_only])
async def list_passkeys(principal: PrincipalDependency, db: DbDependency) -> list[PasskeyOut]:
    """List the caller's passkeys, newest first."""
    return await passkeys_of(db, principal.user_id)


@patch(f"{CREDENTIALS}/{{passkey_id:uuid}}", guards=[session_only])
async def update_passkey(
    passkey_id: FromPath[UUID],
    data: JSONBody[PasskeyPatch],
    principal: PrincipalDependency,
    db: DbDependency,
) -> PasskeyOut:
    """Give a passkey another name."""
    await rename_passkey(db, principal.user_id, passkey_id, data.label)
    return await passkey_by_id(db, principal.user_id, passkey_id)


@delete(f"{CREDENTIALS}/{{passkey_id:uuid}}", guards=[session_only, recently_authenticated], status_code=204)
async def end_passkey(
    passkey_id: FromPath[UUID],
    principal: PrincipalDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> None:
    """Forget a passkey."""
    await delete_passkey(db, services, principal.user_id, passkey_id)


handlers: list[Any] = [
    begin_passkey_registration,
    complete_passkey_registration,
    list_passkeys,
    update_passkey,
    end_passkey,
]
