"""Roles of an organization, and who has them."""

from typing import Any
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import structs

from parley.accounts.memberships.queries import member_by_uuid
from parley.accounts.roles import actions
from parley.accounts.roles.queries import (
    members_with_roles,
    n_roles,
    role_by_id,
    role_membership_by_id,
    role_page,
)
from parley.accounts.roles.schemas import (
    NewRole,
    NewRoleMembership,
    Role,
    RoleMembershipOut,
    RoleOut,
    RolePatch,
)
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import DbDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import needs
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
MEMBERSHIPS = f"{ONE}/role_memberships"


def _shown(one: Role, members: list[RoleMembershipOut]) -> RoleOut:
    mine = [member for member in members if member.role_id == one.id]
    return RoleOut(**structs.asdict(one), members=mine)


async def _one(db: Db, organization_id: UUID, role_id: UUID) -> RoleOut:
    found = await role_by_id(db, organization_id, role_id)
    return _shown(found, await members_with_roles(db, [role_id]))


@get(PATH, guards=[needs("organization:read"), in_organization])
async def list_roles(request: ParleyRequest, db: DbDependency) -> Page[RoleOut]:
    """List the roles by name."""
    asked, organization_id = page_request(request), organization_actor(request).organization_id
    found = await role_page(db, organization_id, asked.limit, asked.offset)
    members = await members_with_roles(db, [one.id for one in found])
    count = await n_roles(db, organization_id)
    return page_of(request, asked, count, [_shown(one, members) for one in found])


@post(PATH, guards=[needs("organization:write"), in_organization, admins_only], status_code=201)
async def create_role(
    data: JSONBody[NewRole], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> RoleOut:
    """Make a role; for admins."""
    caller = organization_actor(request)
    role_id = await actions.create_role(db, services, caller, data)
    return await _one(db, caller.organization_id, role_id)


@get(ONE, guards=[needs("organization:read"), in_organization])
async def show_role(role_id: FromPath[str], request: ParleyRequest, db: DbDependency) -> RoleOut:
    """Show a role."""
    return await _one(db, organization_actor(request).organization_id, uuid_in_path(role_id))


@patch(ONE, guards=[needs("organization:write"), in_organization, admins_only])
async def update_role(
    role_id: FromPath[str],
    data: JSONBody[RolePatch],
    request: ParleyRequest,
    db: DbDependency,
    services: ServicesDependency,
) -> RoleOut:
    """Rename a role; for admins."""
    organization_id = organization_actor(request).organization_id
    found = await role_by_id(db, organization_id, uuid_in_path(role_id))
    await actions.change_role(db, services, organization_id, found.id, data)
    return await _one(db, organization_id, found.id)


@delete(
    ONE,
    guards=[needs("organization:write"), may_change_rights, in_organization, admins_only],
    status_code=204,
)
async def delete_role(
    role_id: FromPath[str], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> None:
    """Delete a role; for admins. Keys need `access_control:write`, too."""
    found = await role_by_id(db, organization_actor(request).organization_id, uuid_in_path(role_id))
    await actions.delete_role(db, services, found.id)


@get(MEMBERSHIPS, guards=[needs("organization:read"), in_organization])
async def list_role_memberships(
    role_id: FromPath[str], request: ParleyRequest, db: DbDependency
) -> Page[RoleMembershipOut]:
    """List everybody who has the role, in the order they got it."""
    asked = page_request(request)
    role = await role_by_id(db, organization_actor(request).organization_id, uuid_in_path(role_id))
    found = await members_with_roles(db, [role.id])
    return page_of(request, asked, len(found), found[asked.offset : asked.offset + asked.limit])


@post(
    MEMBERSHIPS,
    guards=[needs("organization:write"), may_change_rights, in_organization, admins_only],
    status_code=201,
)
async def create_role_membership(
    role_id: FromPath[str],
    data: JSONBody[NewRoleMembership],
    request: ParleyRequest,
    db: DbDependency,
    services: ServicesDependency,
) -> RoleMembershipOut:
    """Give the role to a member of the organization; for admins. Keys need `access_control:write`, too."""
    organization_id = organization_actor(request).organization_id
    role = await role_by_id(db, organization_id, uuid_in_path(role_id))
    try:
        member = await member_by_uuid(db, organization_id, data.user_uuid)
    except NotFound as error:
        raise Invalid("User does not exist.", code="does_not_exist", attr="user_uuid") from error
    assigned_id = await actions.assign_role(db, services, role_id=role.id, user_id=member.user.id)
    return await role_membership_by_id(db, role.id, assigned_id)


@delete(
    f"{MEMBERSHIPS}/{{role_membership_id:str}}",
    guards=[needs("organization:write"), may_change_rights, in_organization, admins_only],
    status_code=204,
)
async def delete_role_membership(
    role_id: FromPath[str],
    role_membership_id: FromPath[str],
    request: ParleyRequest,
    db: DbDependency,
    services: ServicesDependency,
) -> None:
    """Take the role from somebody; for admins. Keys need `access_control:write`, too."""
    role = await role_by_id(db, organization_actor(request).organization_id, uuid_in_path(role_id))
    membership_id = uuid_in_path(role_membership_id)
    await actions.unassign_role(db, services, role_id=role.id, role_membership_id=membership_id)


handlers: list[Any] = [
    list_roles,
    create_role,
    show_role,
    update_role,
    delete_role,
    list_role_memberships,
    create_role_membership,
    delete_role_membership,
]
