"""Members of an organization."""

from typing import Any
from uuid import UUID

from litestar import delete, get, patch
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from parley.accounts import queries
from parley.accounts.actions.memberships import change_level, remove_member
from parley.accounts.entering import in_organization, inside
from parley.accounts.queries.memberships import Membership
from parley.accounts.rules.levels import check_level, check_may_change, check_may_grant
from parley.accounts.schemas.memberships import MemberOut, MemberPatch
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import ADMIN, Connection, needs
from parley.kernel.http.dependencies import Tx, With
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import documented

PATH = "/api/organizations/{organization_id:str}/members"
ONE = f"{PATH}/{{user_uuid:str}}"


def read_uuid(text: str) -> UUID:
    """Return a uuid of the path; raises NotFound for what is none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def _shown(one: Membership) -> MemberOut:
    return MemberOut(
        id=one.id, user=one.user, level=one.level, joined_at=one.joined_at, updated_at=one.updated_at
    )


async def _admins_or_oneself(connection: Connection, _: BaseRouteHandler) -> None:
    """Everybody may leave; the rest is for admins."""
    me = str(connection.state.principal.user_uuid)
    if connection.state.inside.level < ADMIN and connection.path_params["user_uuid"] not in ("@me", me):
        raise PermissionDenied("Your organization access level is insufficient.")


@get(PATH, guards=[needs("organization_member:read"), in_organization])
async def list_members(request: ParleyRequest, db: Tx) -> Page[MemberOut]:
    """List the members in the order they joined."""
    asked, organization_id = page_request(request), inside(request).organization_id
    found = await queries.member_page(db, organization_id, asked.limit, asked.offset)
    return page_of(request, asked, await queries.n_members(db, organization_id), [*map(_shown, found)])


@get(ONE, guards=[needs("organization_member:read"), in_organization])
async def show_member(user_uuid: FromPath[str], request: ParleyRequest, db: Tx) -> MemberOut:
    """Show one member; `@me` is the caller."""
    caller = inside(request)
    uuid = caller.principal.user_uuid if user_uuid == "@me" else read_uuid(user_uuid)
    return _shown(await queries.member_by_uuid(db, caller.organization_id, uuid))


@patch(ONE, guards=[needs("organization_member:write"), in_organization, _admins_or_oneself])
async def update_member(
    user_uuid: FromPath[str], data: JSONBody[MemberPatch], request: ParleyRequest, db: Tx, services: With
) -> MemberOut:
    """Change a member's level: for admins, up to their own level, and on people up to their own level."""
    caller = inside(request)
    uuid = caller.principal.user_uuid if user_uuid == "@me" else read_uuid(user_uuid)
    found = await queries.member_by_uuid(db, caller.organization_id, uuid)
    if data.level is not UNSET:
        level = check_level(data.level)
        check_may_change(caller.level, found.level)
        check_may_grant(caller.principal, caller.organization_id, level)
        await change_level(
            db, services, organization_id=caller.organization_id, user_id=found.user.id, level=level
        )
    return _shown(await queries.member_by_uuid(db, caller.organization_id, uuid))


@delete(
    ONE,
    guards=[needs("organization_member:write"), in_organization, _admins_or_oneself],
    status_code=204,
    opt=documented(errors={400: "An organization must keep at least one owner."}),
)
async def delete_member(user_uuid: FromPath[str], request: ParleyRequest, db: Tx, services: With) -> None:
    """Remove a member, or leave; the last owner can do neither."""
    caller = inside(request)
    uuid = caller.principal.user_uuid if user_uuid == "@me" else read_uuid(user_uuid)
    found = await queries.member_by_uuid(db, caller.organization_id, uuid)
    if found.user.id != caller.principal.user_id:
        check_may_change(caller.level, found.level)
    await remove_member(db, services, organization_id=caller.organization_id, user_id=found.user.id)


handlers: list[Any] = [list_members, show_member, update_member, delete_member]
