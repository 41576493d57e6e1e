"""The caller: `/api/users/@me/`."""

from typing import Any

from litestar import get, patch
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from parley.accounts.profile.actions import update_profile
from parley.accounts.profile.queries import profile_of
from parley.accounts.profile.schemas import Me, MePatch
from parley.kernel.dependencies import DbDependency, PrincipalDependency, ServicesDependency
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import Connection, Principal, signed_in
from parley.kernel.http.request import ParleyRequest


def check_is_me(principal: Principal, given: str) -> None:
    """Raise NotFound for everybody else's name than the caller's."""
    if given not in ("@me", str(principal.user_uuid)):
        raise NotFound


@get("/api/users/{user:str}", guards=[signed_in])
async def show_me(user: FromPath[str], principal: PrincipalDependency, db: DbDependency) -> Me:
    """Show the caller, `@me`; allowed to every key, whatever its limits are."""
    check_is_me(principal, user)
    return await profile_of(db, principal)


async def may_write_user(connection: Connection, _: BaseRouteHandler) -> None:
    """Keys need `user:write`, whatever projects and organizations they are limited to."""
    if not connection.state.principal.has("user:write"):
        raise PermissionDenied("API key missing required scope 'user:write'")


@patch("/api/users/{user:str}", guards=[signed_in, may_write_user])
async def update_me(
    user: FromPath[str],
    data: JSONBody[MePatch],
    principal: PrincipalDependency,
    request: ParleyRequest,
    services: ServicesDependency,
) -> Me:
    """Change the caller. A password needs `current_password` and a session; it ends other sessions, and keys."""
    check_is_me(principal, user)
    after = await update_profile(services, principal, data, request.client_address)
    async with services.database.transaction(write=False) as db:
        return await profile_of(db, after)


handlers: list[Any] = [show_me, update_me]
