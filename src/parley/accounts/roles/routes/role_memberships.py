"""Giving roles to members and taking them away."""

from typing import Any

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from parley.accounts.memberships.queries import member_by_uuid
from parley.accounts.roles import actions as actions
from parley.accounts.roles.queries import members_with_roles, role_by_id, role_membership_by_id
from parley.accounts.roles.routes.roles import shown_member
from parley.accounts.roles.schemas import NewRoleMembership, RoleMembershipOut
from parley.kernel.errors import Invalid, NotFound
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

PATH = "/api/organizations/{organization_id:str}/roles/{role_id:str}/role_memberships"


@get(PATH, guards=[needs("organization:read"), in_organization])
async def list_role_memberships(
    role_id: FromPath[str], request: ParleyRequest, db: Tx
) -> Page[RoleMembershipOut]:
    """List everybody who has the role, in the order they got it."""
    asked = page_request(request)
    role = await role_by_id(db, organization_actor(request).organization_id, uuid_in_path(role_id))
    found = [shown_member(one) for one in await members_with_roles(db, [role.id])]
    return page_of(request, asked, len(found), found[asked.offset : asked.offset + asked.limit])


@post(
    PATH,
    guards=[needs("organization:write"), may_change_rights, in_organization, admins_only],
    status_code=201,
)
async def create_role_membership(
    role_id: FromPath[str], data: JSONBody[NewRoleMembership], request: ParleyRequest, db: Tx, services: With
) -> RoleMembershipOut:
    """Give the role to a member of the organization; for admins. Keys need `access_control:write`, too."""
    organization_id = organization_actor(request).organization_id
    role = await role_by_id(db, organization_id, uuid_in_path(role_id))
    try:
        member = await member_by_uuid(db, organization_id, data.user_uuid)
    except NotFound as error:
        raise Invalid("User does not exist.", code="does_not_exist", attr="user_uuid") from error
    assigned_id = await actions.assign_role(db, services, role_id=role.id, user_id=member.user.id)
    return shown_member(await role_membership_by_id(db, role.id, assigned_id))


@delete(
    f"{PATH}/{{role_membership_id:str}}",
    guards=[needs("organization:write"), may_change_rights, in_organization, admins_only],
    status_code=204,
)
async def delete_role_membership(
    role_id: FromPath[str],
    role_membership_id: FromPath[str],
    request: ParleyRequest,
    db: Tx,
    services: With,
) -> None:
    """Take the role from somebody; for admins. Keys need `access_control:write`, too."""
    role = await role_by_id(db, organization_actor(request).organization_id, uuid_in_path(role_id))
    membership_id = uuid_in_path(role_membership_id)
    await actions.unassign_role(db, services, role_id=role.id, role_membership_id=membership_id)


handlers: list[Any] = [list_role_memberships, create_role_membership, delete_role_membership]
