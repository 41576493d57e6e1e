"""The guards of routes below an organization (docs/wire/requests.md#urls), behind the guard that knows the caller."""

from typing import Any

from litestar import Request
from litestar.handlers import BaseRouteHandler

from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import (
    ADMIN,
    INSUFFICIENT_LEVEL,
    OWNER,
    Authenticator,
    Connection,
    OrganizationActor,
    and_needs,
)


async def in_organization(connection: Connection, _: BaseRouteHandler) -> None:
    """Let members into the organization that the path names."""
    await _enter(connection, str(connection.path_params["organization_id"]))


async def in_current_organization(connection: Connection, _: BaseRouteHandler) -> None:
    """Let the caller into the organization they work in."""
    await _enter(connection, "@current")


async def _enter(connection: Connection, organization_id: str) -> None:
    authenticator: Authenticator = connection.app.state.authenticator
    state = connection.state
    state.organization_actor = await authenticator.organization_actor(state.principal, organization_id)


async def admins_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Let admins and owners pass; stands behind the guard that knows the organization."""
    if connection.state.organization_actor.level < ADMIN:
        raise PermissionDenied(INSUFFICIENT_LEVEL)


# Levels on tickets are given to roles, so whoever gives a role or takes it away changes what its people may do.
may_change_rights = and_needs("access_control:write")


async def owners_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Let owners pass; stands behind the guard that knows the organization."""
    if connection.state.organization_actor.level < OWNER:
        raise PermissionDenied(INSUFFICIENT_LEVEL)


async def admins_of_project_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Let admins and owners pass; stands behind the guard that knows the project."""
    if not connection.state.actor.is_admin:
        raise PermissionDenied(INSUFFICIENT_LEVEL)


def organization_actor(request: Request[Any, Any, Any]) -> OrganizationActor:
    """Return what the guard found."""
    found: OrganizationActor = request.state.organization_actor
    return found
