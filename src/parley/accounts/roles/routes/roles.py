"""Roles of an organization, and who has them."""

from typing import Any
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, structs

from parley.accounts.roles import actions as actions
from parley.accounts.roles.queries import (
    Role,
    RoleMembership,
    is_role_name_taken,
    members_with_roles,
    n_roles,
    role_by_id,
    role_page,
)
from parley.accounts.roles.schemas import (
    NewRole,
    RoleMembershipOut,
    RoleOut,
    RolePatch,
)
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import needs
from parley.kernel.http.dependencies import Tx, With
from parley.kernel.http.organizations import (
    admins_only,
    in_organization,
    may_change_rights,
    organization_actor,
)
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest, uuid_in_path

PATH = "/api/organizations/{organization_id:str}/roles"
ONE = f"{PATH}/{{role_id:str}}"


def shown_member(one: RoleMembership) -> RoleMembershipOut:
    """Return the wire form of somebody who has a role."""
    return RoleMembershipOut(**structs.asdict(one))


def _shown(one: Role, members: list[RoleMembership]) -> RoleOut:
    mine = [shown_member(member) for member in members if member.role_id == one.id]
    return RoleOut(
        id=one.id, name=one.name, created_at=one.created_at, created_by=one.created_by, members=mine
    )


async def _one(db: Db, organization_id: UUID, role_id: UUID) -> RoleOut:
    found = await role_by_id(db, organization_id, role_id)
    return _shown(found, await members_with_roles(db, [role_id]))


@get(PATH, guards=[needs("organization:read"), in_organization])
async def list_roles(request: ParleyRequest, db: Tx) -> Page[RoleOut]:
    """List the roles by name."""
    asked, organization_id = page_request(request), organization_actor(request).organization_id
    found = await role_page(db, organization_id, asked.limit, asked.offset)
    members = await members_with_roles(db, [one.id for one in found])
    count = await n_roles(db, organization_id)
    return page_of(request, asked, count, [_shown(one, members) for one in found])


@post(PATH, guards=[needs("organization:write"), in_organization, admins_only], status_code=201)
async def create_role(data: JSONBody[NewRole], request: ParleyRequest, db: Tx, services: With) -> RoleOut:
    """Make a role; for admins."""
    caller = organization_actor(request)
    role_id = await actions.create_role(
        db,
        services,
        organization_id=caller.organization_id,
        name=data.name,
        created_by=caller.principal.user_id,
    )
    return await _one(db, caller.organization_id, role_id)


@get(ONE, guards=[needs("organization:read"), in_organization])
async def show_role(role_id: FromPath[str], request: ParleyRequest, db: Tx) -> RoleOut:
    """Show a role."""
    return await _one(db, organization_actor(request).organization_id, uuid_in_path(role_id))


@patch(ONE, guards=[needs("organization:write"), in_organization, admins_only])
async def update_role(
    role_id: FromPath[str], data: JSONBody[RolePatch], request: ParleyRequest, db: Tx
) -> RoleOut:
    """Rename a role; for admins."""
    organization_id = organization_actor(request).organization_id
    found = await role_by_id(db, organization_id, uuid_in_path(role_id))
    if data.name is not UNSET:
        if await is_role_name_taken(db, organization_id, data.name, but_by=found.id):
            raise Invalid(actions.NAME_TAKEN, code="unique", attr="name")
        await actions.rename_role(db, found.id, data.name)
    return await _one(db, organization_id, found.id)


@delete(
    ONE,
    guards=[needs("organization:write"), may_change_rights, in_organization, admins_only],
    status_code=204,
)
async def delete_role(role_id: FromPath[str], request: ParleyRequest, db: Tx, services: With) -> None:
    """Delete a role; for admins. Keys need `access_control:write`, too."""
    found = await role_by_id(db, organization_actor(request).organization_id, uuid_in_path(role_id))
    await actions.delete_role(db, services, found.id)


handlers: list[Any] = [list_roles, create_role, show_role, update_role, delete_role]
