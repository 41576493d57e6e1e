"""The guard of routes below an organization, and what it finds (docs/wire/requests.md#urls)."""

from uuid import UUID

import msgspec
from litestar.handlers import BaseRouteHandler

from parley.accounts.access import check_organization_of_key
from parley.accounts.queries.memberships import current_organization_id
from parley.accounts.queries.organizations import is_organization
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import (
    ADMIN,
    OWNER,
    Connection,
    Principal,
    and_needs,
)
from parley.kernel.http.dependencies import Services
from parley.kernel.http.request import ParleyRequest

INSUFFICIENT = "Your organization access level is insufficient."


class Inside(msgspec.Struct, frozen=True):
    """A caller inside one organization."""

    principal: Principal
    organization_id: UUID
    level: int


async def in_organization(connection: Connection, _: BaseRouteHandler) -> None:
    """Let members into the organization that the path names; stands behind the guard that knows the caller."""
    services: Services = connection.app.state.services
    given = str(connection.path_params["organization_id"])
    connection.state.inside = await enter_organization(services, connection.state.principal, given)


async def in_current_organization(connection: Connection, _: BaseRouteHandler) -> None:
    """Let the caller into the organization they work in; stands behind the guard that knows the caller."""
    services: Services = connection.app.state.services
    connection.state.inside = await enter_organization(services, connection.state.principal, "@current")


async def admins_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Let admins and owners pass; stands behind the guard that knows the organization."""
    if connection.state.inside.level < ADMIN:
        raise PermissionDenied(INSUFFICIENT)


# Levels on tickets are given to roles, so whoever gives a role or takes it away changes what its people may do.
may_change_rights = and_needs("access_control:write")


async def owners_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Let owners pass; stands behind the guard that knows the organization."""
    if connection.state.inside.level < OWNER:
        raise PermissionDenied(INSUFFICIENT)


async def admins_of_project_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Let admins and owners pass; stands behind the guard that knows the project."""
    if not connection.state.actor.is_admin:
        raise PermissionDenied(INSUFFICIENT)


async def enter_organization(services: Services, principal: Principal, given: str) -> Inside:
    """Return the caller inside the organization; raises NotFound or PermissionDenied."""
    organization_id = await _organization_id(services, principal, given)
    level = principal.levels.get(organization_id)
    if level is None:
        if not await is_organization(services.database, organization_id):
            raise NotFound("Organization not found.")
        raise PermissionDenied("You don't have access to the organization.")
    check_organization_of_key(principal, organization_id)
    return Inside(principal, organization_id, level)


async def _organization_id(services: Services, principal: Principal, given: str) -> UUID:
    found: UUID | None = None
    if given == "@current":
        found = await current_organization_id(services.database, principal)
    elif len(given) == 36:
        try:
            found = UUID(given)
        except ValueError:
            found = None
    if found is None:
        raise NotFound("Organization not found.")
    return found


def inside(request: ParleyRequest) -> Inside:
    """Return what the guard found."""
    found: Inside = request.state.inside
    return found
