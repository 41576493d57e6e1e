"""The pages on which roles are made, renamed, deleted, and given to members."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.accounts.memberships.queries import member_by_uuid, members_matching
from parley.accounts.memberships.queries import n_members as n_members_in
from parley.accounts.memberships.rules import check_admin
from parley.accounts.memberships.schemas import MemberOut
from parley.accounts.roles import actions
from parley.accounts.roles.queries import (
    ids_with_role,
    members_of_role,
    n_members_of,
    n_roles,
    role_by_id,
    role_page,
)
from parley.accounts.roles.schemas import NewRole, Role, RoleMembershipOut, RolePatch
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor, OrganizationActor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.services import Services
from parley.web.guards import page_recent, page_session
from parley.web.rendering import page, redirect

PATH = "/settings/roles"
ONE = f"{PATH}/{{role_id:uuid}}"
MOST_SHOWN = 500
MOST_OFFERED = 50
MOST_LETTERS = 200
NOTICES = {
    "made": "The role is created. Give it to the first member.",
    "renamed": "The role is renamed.",
    "deleted": "The role is deleted.",
    "given": "The member has the role now.",
    "taken": "The member doesn't have the role any more.",
}


class RolesPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `roles/roles.html`; `n_members` is by the id of the role, `count` how many roles there are in all."""

    roles: Sequence[Role]
    count: int
    n_members: Mapping[UUID, int]
    may_change: bool
    name: str = ""
    problem: str | None = None
    notice: str | None = None


class RolePage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `roles/role.html`; `members` are the first who have the role, `others` the first who may be given it.

    There may be more of these: then the form `searches` for what is `find`.
    """

    role: Role
    n_members: int
    members: Sequence[RoleMembershipOut]
    others: Sequence[MemberOut]
    searches: bool
    find: str
    may_change: bool
    name: str
    problem: str | None = None
    refusal: str | None = None
    notice: str | None = None


class RoleForm(msgspec.Struct, frozen=True):
    """The name of a role."""

    name: Annotated[str, Meta(extra=TRIM)] = ""


class GivenForm(msgspec.Struct, frozen=True):
    """The uuid of the user who gets the role."""

    user_uuid: str = ""


async def _roles_page(request: ParleyRequest, services: Services, actor: Actor, **more: Any) -> RolesPage:
    organization_id = actor.project.organization_id
    async with services.database.transaction(write=False) as db:
        roles = await role_page(db, organization_id, MOST_SHOWN, 0)
        n_members = await n_members_of(db, [one.id for one in roles])
        count = await n_roles(db, organization_id)
    notice = NOTICES.get(request.query_params.get("notice", ""))
    return RolesPage(
        **{"roles": roles, "count": count, "n_members": n_members, "notice": notice, **more},
        may_change=actor.is_admin,
    )


async def _role_page(
    request: ParleyRequest, services: Services, actor: Actor, role_id: UUID, **more: Any
) -> RolePage:
    organization_id = actor.project.organization_id
    find = request.query_params.get("find", "")[:MOST_LETTERS].strip()
    async with services.database.transaction(write=False) as db:
        role = await role_by_id(db, organization_id, role_id)
        members = await members_of_role(db, role_id, MOST_SHOWN)
        n_members = (await n_members_of(db, [role_id])).get(role_id, 0)
        have_it = await ids_with_role(db, role_id)
        n_others = await n_members_in(db, organization_id) - len(have_it)
        others = (
            await members_matching(db, organization_id, find, have_it, MOST_OFFERED) if actor.is_admin else []
        )
    fields: dict[str, Any] = {
        "role": role,
        "n_members": n_members,
        "members": members,
        "others": others,
        "searches": n_others > MOST_OFFERED,
        "find": find,
        "may_change": actor.is_admin,
        "name": role.name,
        "notice": NOTICES.get(request.query_params.get("notice", "")),
    }
    return RolePage(**{**fields, **more})


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_roles(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the roles by name, with how many members have each."""
    return page(request, "roles/roles.html", await _roles_page(request, services, actor))


@get(ONE, guards=[page_session], include_in_schema=False)
async def show_role_with_members(
    request: ParleyRequest, role_id: FromPath[UUID], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show one role and who has it."""
    return page(request, "roles/role.html", await _role_page(request, services, actor, role_id))


@post(PATH, guards=[page_session, page_recent], include_in_schema=False)
async def make_role(
    request: ParleyRequest, data: JSONBody[RoleForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Make a role."""
    check_admin(actor)
    caller = OrganizationActor(actor.principal, actor.project.organization_id, actor.level)
    try:
        new = read(NewRole, {"name": data.name})
        async with services.database.transaction() as db:
            role_id = await actions.create_role(db, services, caller, new)
    except Invalid as error:
        shown = await _roles_page(request, services, actor, name=data.name, problem=_problem(error))
        return page(request, "roles/roles.html", shown, status=422)
    return redirect(f"{PATH}/{role_id}?notice=made")


@post(f"{ONE}/rename", guards=[page_session, page_recent], include_in_schema=False)
async def rename_role(
    request: ParleyRequest,
    role_id: FromPath[UUID],
    data: JSONBody[RoleForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Give a role another name."""
    check_admin(actor)
    organization_id = actor.project.organization_id
    try:
        patch = read(RolePatch, {"name": data.name})
        async with services.database.transaction() as db:
            found = await role_by_id(db, organization_id, role_id)
            await actions.change_role(db, services, organization_id, found.id, patch)
    except Invalid as error:
        more = {"name": data.name, "problem": _problem(error)}
        shown = await _role_page(request, services, actor, role_id, **more)
        return page(request, "roles/role.html", shown, status=422)
    return redirect(f"{PATH}/{role_id}?notice=renamed")


@post(f"{ONE}/delete", guards=[page_session, page_recent], include_in_schema=False)
async def delete_role_for_all(
    role_id: FromPath[UUID], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Delete a role."""
    check_admin(actor)
    async with services.database.transaction() as db:
        found = await role_by_id(db, actor.project.organization_id, role_id)
        await actions.delete_role(db, services, found.id)
    return redirect(f"{PATH}?notice=deleted")


@post(f"{ONE}/give", guards=[page_session, page_recent], include_in_schema=False)
async def give_role(
    request: ParleyRequest,
    role_id: FromPath[UUID],
    data: JSONBody[GivenForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Give a role to a member of the organization."""
    check_admin(actor)
    organization_id, user_uuid = actor.project.organization_id, uuid_or_none(data.user_uuid)
    try:
        if user_uuid is None:
            raise Invalid("Choose a member.", attr="user_uuid")
        async with services.database.transaction() as db:
            role = await role_by_id(db, organization_id, role_id)
            member = await member_by_uuid(db, organization_id, user_uuid)
            await actions.assign_role(db, services, role_id=role.id, user_id=member.user.id)
    except Invalid as error:
        shown = await _role_page(request, services, actor, role_id, refusal=error.detail)
        return page(request, "roles/role.html", shown, status=422)
    return redirect(f"{PATH}/{role_id}?notice=given")


@post(
    f"{ONE}/members/{{role_membership_id:uuid}}/take",
    guards=[page_session, page_recent],
    include_in_schema=False,
)
async def take_role(
    role_id: FromPath[UUID],
    role_membership_id: FromPath[UUID],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Take a role from somebody."""
    check_admin(actor)
    async with services.database.transaction() as db:
        role = await role_by_id(db, actor.project.organization_id, role_id)
        await actions.unassign_role(db, services, role_id=role.id, role_membership_id=role_membership_id)
    return redirect(f"{PATH}/{role_id}?notice=taken")


def _problem(error: Invalid) -> str:
    return "Enter a name." if error.code in ("blank", "required") else error.detail


handlers = [
    show_roles,
    show_role_with_members,
    make_role,
    rename_role,
    delete_role_for_all,
    give_role,
    take_role,
]
