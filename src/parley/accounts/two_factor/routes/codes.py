"""Two-factor sign-in of oneself. Sessions only, and only those whose user has proved lately who they are."""

from typing import Any

from litestar import get, post
from litestar.params import JSONBody

from parley.accounts.sessions.queries import check_session
from parley.accounts.two_factor.actions.authenticator import (
    confirm_authenticator,
    start_authenticator,
    turn_two_factor_off,
)
from parley.accounts.two_factor.actions.recovery_codes import replace_recovery_codes
from parley.accounts.two_factor.queries.factors import (
    check_may_have_recovery_codes,
    n_recovery_codes_left,
    totp_of,
)
from parley.accounts.two_factor.schemas import (
    CodeGiven,
    RecoveryCodes,
    SetupStarted,
    TwoFactorDone,
    TwoFactorOn,
    TwoFactorStatus,
)
from parley.kernel.dependencies import DbDependency, PrincipalDependency, ServicesDependency
from parley.kernel.http.authorization import recently_authenticated, session_only
from parley.kernel.throttle import MINUTE_S, Limit

PATH = "/api/users/@me"
SETUPS = Limit("two-factor-setup", 30, MINUTE_S)


@get(f"{PATH}/two_factor_start_setup", guards=[session_only, recently_authenticated])
async def start_two_factor_setup(
    principal: PrincipalDependency, services: ServicesDependency
) -> SetupStarted:
    """Make a secret for an authenticator; `two_factor_validate` turns it on within ten minutes."""
    await services.throttles.hit((SETUPS, str(principal.user_id)))
    async with services.database.transaction() as db:
        await check_session(db, principal)
        made = await start_authenticator(db, services, principal.user_id, principal.email)
    return SetupStarted(secret=made.secret, uri=made.uri)


@post(f"{PATH}/two_factor_validate", guards=[session_only, recently_authenticated], status_code=200)
async def validate_two_factor(
    data: JSONBody[CodeGiven], principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> TwoFactorOn:
    """Turn two-factor sign-in on with the code that the authenticator shows; answers ten recovery codes, this once."""
    await services.throttles.hit((SETUPS, str(principal.user_id)))
    await check_session(db, principal)
    return TwoFactorOn(backup_codes=await confirm_authenticator(db, services, principal.user_id, data.token))


@get(f"{PATH}/two_factor_status", guards=[session_only])
async def show_two_factor_status(principal: PrincipalDependency, db: DbDependency) -> TwoFactorStatus:
    """Say whether two-factor sign-in is on, and how many recovery codes are left."""
    found = await totp_of(db, principal.user_id)
    is_on = found is not None and found.confirmed_at is not None
    left = await n_recovery_codes_left(db, principal.user_id)
    return TwoFactorStatus(is_enabled=is_on, method="TOTP" if is_on else None, backup_codes_left=left)


@post(f"{PATH}/two_factor_backup_codes", guards=[session_only, recently_authenticated], status_code=200)
async def make_backup_codes(
    principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> RecoveryCodes:
    """Make ten new recovery codes; the old ones are void. For whom two-factor sign-in is on, and for owners."""
    await check_session(db, principal)
    await check_may_have_recovery_codes(db, principal)
    return RecoveryCodes(await replace_recovery_codes(db, services, principal.user_id))


@post(f"{PATH}/two_factor_disable", guards=[session_only, recently_authenticated], status_code=200)
async def disable_two_factor(
    principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> TwoFactorDone:
    """Turn two-factor sign-in off, and make its recovery codes void."""
    await check_session(db, principal)
    await turn_two_factor_off(db, services, principal.user_id)
    return TwoFactorDone()


handlers: list[Any] = [
    start_two_factor_setup,
    validate_two_factor,
    show_two_factor_status,
    make_backup_codes,
    disable_two_factor,
]
