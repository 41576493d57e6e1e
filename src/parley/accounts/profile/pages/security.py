"""What keeps one's account safe: the second factor, and where one is signed in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.accounts.api_keys.rules import SCOPES
from parley.accounts.oauth_server.queries.grants import applications_of_user
from parley.accounts.oauth_server.schemas import ConnectedApplication
from parley.accounts.passwords.hashing import NO_PASSWORD
from parley.accounts.profile.own_sessions import (
    SessionOut,
    end_other_sessions,
    end_own_session,
    own_sessions,
)
from parley.accounts.sessions.queries import check_session
from parley.accounts.two_factor.actions.authenticator import (
    AuthenticatorSetup,
    confirm_authenticator,
    setup_of,
    start_authenticator,
    turn_two_factor_off,
)
from parley.accounts.two_factor.actions.passkeys import delete_passkey
from parley.accounts.two_factor.actions.recovery_codes import replace_recovery_codes
from parley.accounts.two_factor.queries.factors import (
    check_may_have_recovery_codes,
    n_recovery_codes_left,
    totp_of,
)
from parley.accounts.two_factor.queries.passkeys import passkeys_of
from parley.accounts.two_factor.rules import N_RECOVERY_CODES, qr_code
from parley.accounts.two_factor.schemas import PasskeyOut
from parley.accounts.users.queries import credentials_by_id
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import OWNER, Principal
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_recent, page_user
from parley.web.rendering import page, redirect

PATH = "/settings/security"
NOTICES = {
    "required": "Your organization wants everybody to have two-factor sign-in. Set it up to go on.",
    "passkey": "Your passkey is ready.",
    "passkey-deleted": "The passkey is deleted.",
    "off": "Two-factor sign-in is off.",
    "ended": "That browser is signed out.",
    "disconnected": "The application is disconnected.",
    "others": "Every other browser is signed out.",
}


class CodeShown(msgspec.Struct, frozen=True):
    """The code that the authenticator shows."""

    token: str = ""


class SecurityPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `profile/security.html`; `recovery_codes` are new ones, shown this once."""

    has_password: bool
    is_on: bool
    n_codes_left: int
    n_codes: int = N_RECOVERY_CODES
    is_owner_somewhere: bool
    passkeys: Sequence[PasskeyOut]
    sessions: Sequence[SessionOut]
    applications: Sequence[ConnectedApplication]
    words: Mapping[str, str] = msgspec.field(default_factory=SCOPES.copy)
    recovery_codes: Sequence[str] = ()
    notice: str | None = None


class SetupPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `profile/two_factor_setup.html`; `qr` is an SVG element of ours."""

    secret: str
    qr: str
    problem: str | None = None


async def _security_page(
    request: ParleyRequest, services: Services, principal: Principal, **overrides: Any
) -> Response[Any]:
    async with services.database.transaction(write=False) as db:
        user = await credentials_by_id(db, principal.user_id)
        found = await totp_of(db, principal.user_id)
        n_codes_left = await n_recovery_codes_left(db, principal.user_id)
        passkeys = await passkeys_of(db, principal.user_id)
        sessions = await own_sessions(db, services, principal)
        applications = await applications_of_user(db, principal.user_id, services.clock.now())
    values = {
        "has_password": user is not None and user.password_hash != NO_PASSWORD,
        "is_on": found is not None and found.confirmed_at is not None,
        "n_codes_left": n_codes_left,
        "is_owner_somewhere": OWNER in principal.levels.values(),
        "passkeys": passkeys,
        "sessions": sessions,
        "applications": applications,
        "notice": NOTICES.get(request.query_params.get("notice", "")),
    }
    return page(request, "profile/security.html", SecurityPage(**{**values, **overrides}))


@get(PATH, guards=[page_user], include_in_schema=False)
async def show_security(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the second factor, and where the person is signed in."""
    return await _security_page(request, services, principal)


@post(f"{PATH}/two-factor", guards=[page_user, page_recent], include_in_schema=False)
async def begin_setup(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Make a secret, and show it with its QR code and a field for the first code."""
    try:
        async with services.database.transaction() as db:
            await check_session(db, principal)
            made = await start_authenticator(db, services, principal.user_id, principal.email)
    except Invalid:
        return redirect(PATH)  # it is on already
    return _setup_page(request, made)


def _setup_page(
    request: ParleyRequest, made: AuthenticatorSetup, problem: str | None = None
) -> Response[Any]:
    shown = SetupPage(secret=made.secret, qr=qr_code(made.uri), problem=problem)
    return page(request, "profile/two_factor_setup.html", shown, status=422 if problem else 200)


@post(f"{PATH}/two-factor/confirm", guards=[page_user, page_recent], include_in_schema=False)
async def finish_setup(
    request: ParleyRequest,
    data: JSONBody[CodeShown],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Turn two-factor sign-in on and show the recovery codes, this once; or show what is wrong with the code."""
    user_id = principal.user_id
    try:
        async with services.database.transaction() as db:
            await check_session(db, principal)
            codes = await confirm_authenticator(db, services, user_id, data.token[:100])
    except Invalid:
        async with services.database.transaction(write=False) as db:
            waiting = await setup_of(db, services, user_id, principal.email)
        problem = "This code is wrong. Is the clock of the phone right? Type the code that is shown now."
        return _setup_page(request, waiting, problem) if waiting else redirect(PATH)
    return await _security_page(request, services, principal, recovery_codes=codes)


@post(f"{PATH}/two-factor/off", guards=[page_user, page_recent], include_in_schema=False)
async def turn_off(principal: PrincipalDependency, services: ServicesDependency) -> Response[Any]:
    """Turn two-factor sign-in off."""
    async with services.database.transaction() as db:
        await check_session(db, principal)
        await turn_two_factor_off(db, services, principal.user_id)
    return redirect(f"{PATH}?notice=off")


@post(f"{PATH}/recovery-codes", guards=[page_user, page_recent], include_in_schema=False)
async def make_recovery_codes(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Make new recovery codes and show them, this once."""
    async with services.database.transaction() as db:
        await check_session(db, principal)
        await check_may_have_recovery_codes(db, principal)
        codes = await replace_recovery_codes(db, services, principal.user_id)
    return await _security_page(request, services, principal, recovery_codes=codes)


@post(f"{PATH}/passkeys/{{passkey_id:uuid}}/delete", guards=[page_user, page_recent], include_in_schema=False)
async def end_passkey(
    passkey_id: FromPath[UUID], principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Forget a passkey; it may be gone already."""
    try:
        async with services.database.transaction() as db:
            await delete_passkey(db, services, principal.user_id, passkey_id)
    except NotFound:
        return redirect(PATH)
    return redirect(f"{PATH}?notice=passkey-deleted")


@post(f"{PATH}/sessions/{{session_id:str}}/end", guards=[page_user], include_in_schema=False)
async def end_session(
    session_id: FromPath[str], principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Sign one browser out; it may be gone already."""
    try:
        async with services.database.transaction() as db:
            await end_own_session(db, services, principal, session_id)
    except NotFound:
        return redirect(PATH)
    return redirect(f"{PATH}?notice=ended")


@post(f"{PATH}/sessions/end-others", guards=[page_user], include_in_schema=False)
async def end_others(principal: PrincipalDependency, services: ServicesDependency) -> Response[Any]:
    """Sign every other browser out."""
    async with services.database.transaction() as db:
        await end_other_sessions(db, services, principal)
    return redirect(f"{PATH}?notice=others")


handlers: list[Any] = [
    show_security,
    begin_setup,
    finish_setup,
    turn_off,
    make_recovery_codes,
    end_passkey,
    end_session,
    end_others,
]
