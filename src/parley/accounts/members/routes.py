"""Members of an organization."""

from typing import Any

from litestar import delete, get, patch
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from parley.accounts.members.actions import change_member_level, remove_member
from parley.accounts.members.schemas import MemberPatch
from parley.accounts.memberships.queries import member_by_uuid, member_page, n_members
from parley.accounts.memberships.rules import check_level, check_may_change, check_may_grant
from parley.accounts.memberships.schemas import MemberOut
from parley.kernel.dependencies import DbDependency, ServicesDependency
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import (
    ADMIN,
    INSUFFICIENT_LEVEL,
    Connection,
    needs,
    recently_authenticated,
)
from parley.kernel.http.organizations import in_organization, organization_actor
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.openapi.documented import documented

PATH = "/api/organizations/{organization_id:str}/members"
ONE = f"{PATH}/{{user_uuid:str}}"


async def _admins_or_oneself(connection: Connection, _: BaseRouteHandler) -> None:
    """Everybody may leave; the rest is for admins."""
    me = str(connection.state.principal.user_uuid)
    if connection.state.organization_actor.level < ADMIN and connection.path_params["user_uuid"] not in (
        "@me",
        me,
    ):
        raise PermissionDenied(INSUFFICIENT_LEVEL)


@get(PATH, guards=[needs("organization_member:read"), in_organization])
async def list_members(request: ParleyRequest, db: DbDependency) -> Page[MemberOut]:
    """List the members in the order in which they joined."""
    asked, organization_id = page_request(request), organization_actor(request).organization_id
    found = await member_page(db, organization_id, asked.limit, asked.offset)
    return page_of(request, asked, await n_members(db, organization_id), found)


@get(ONE, guards=[needs("organization_member:read"), in_organization])
async def show_member(user_uuid: FromPath[str], request: ParleyRequest, db: DbDependency) -> MemberOut:
    """Show one member; `@me` is the caller."""
    caller = organization_actor(request)
    uuid = caller.principal.user_uuid if user_uuid == "@me" else uuid_in_path(user_uuid)
    return await member_by_uuid(db, caller.organization_id, uuid)


@patch(
    ONE,
    guards=[needs("organization_member:write"), in_organization, _admins_or_oneself, recently_authenticated],
)
async def update_member(
    user_uuid: FromPath[str],
    data: JSONBody[MemberPatch],
    request: ParleyRequest,
    db: DbDependency,
    services: ServicesDependency,
) -> MemberOut:
    """Change a member's level: for admins, up to their own level, and on people up to their own level."""
    caller = organization_actor(request)
    uuid = caller.principal.user_uuid if user_uuid == "@me" else uuid_in_path(user_uuid)
    found = await member_by_uuid(db, caller.organization_id, uuid)
    if data.level is not UNSET:
        level = check_level(data.level)
        check_may_change(caller.level, found.level)
        check_may_grant(caller.principal, caller.organization_id, level)
        await change_member_level(
            db, services, organization_id=caller.organization_id, member=found, level=level
        )
    return await member_by_uuid(db, caller.organization_id, uuid)


@delete(
    ONE,
    guards=[needs("organization_member:write"), in_organization, _admins_or_oneself, recently_authenticated],
    status_code=204,
    opt=documented(errors={400: "An organization must keep at least one owner."}),
)
async def delete_member(
    user_uuid: FromPath[str], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> None:
    """Remove a member, or leave; the last owner can do neither."""
    caller = organization_actor(request)
    uuid = caller.principal.user_uuid if user_uuid == "@me" else uuid_in_path(user_uuid)
    found = await member_by_uuid(db, caller.organization_id, uuid)
    if found.user.id != caller.principal.user_id:
        check_may_change(caller.level, found.level)
    await remove_member(db, services, organization_id=caller.organization_id, user_id=found.user.id)


handlers: list[Any] = [list_members, show_member, update_member, delete_member]
