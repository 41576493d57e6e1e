"""Members of the organization and invitations into it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.accounts.invitations.actions import create_invite, delete_invite
from parley.accounts.invitations.mails import invite_link
from parley.accounts.invitations.queries import Invite, invite_page
from parley.accounts.invitations.schemas import NewInvite
from parley.accounts.members.actions import change_member_level, remove_member
from parley.accounts.memberships.queries import away_members, member_by_uuid, member_page
from parley.accounts.memberships.rules import (
    LEVELS,
    check_admin,
    check_level,
    check_may_change,
    check_may_grant,
)
from parley.accounts.memberships.schemas import MemberOut
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import MEMBER, Actor
from parley.kernel.http.body import TRIM
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.emails import check_email
from parley.kernel.services import Services
from parley.web.guards import page_recent, page_session
from parley.web.rendering import page, redirect

PATH = "/settings/members"
MOST_SHOWN = 500
NOTICES = {
    "level": "The level is changed.",
    "removed": "The member is removed.",
    "revoked": "The invitation is revoked.",
}


class MemberLevelForm(msgspec.Struct, frozen=True):
    """Another level for a member."""

    level: int


class InviteForm(msgspec.Struct, frozen=True):
    """Whom to invite, as what."""

    email: Annotated[str, Meta(extra=TRIM)] = ""
    level: int = MEMBER


class MembersPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `invitations/members.html`; `away` are ids of users, `link` that of a new invitation, shown once."""

    members: Sequence[MemberOut]
    away: dict[int, str]
    invites: Sequence[Invite]
    levels: dict[str, int]
    level_names: dict[int, str]
    may_change: bool
    me: int
    form: InviteForm
    sends_mail: bool
    link: str | None = None
    problem: str | None = None
    notice: str | None = None


async def _members_page(
    request: ParleyRequest, services: Services, actor: Actor, **overrides: Any
) -> MembersPage:
    organization_id = actor.project.organization_id
    async with services.database.transaction(write=False) as db:
        members = await member_page(db, organization_id, MOST_SHOWN, 0)
        away = await away_members(db, actor.project, [one.user.id for one in members], services.clock.now())
        invites = await invite_page(db, organization_id, MOST_SHOWN, 0)
    return MembersPage(
        members=members,
        away=away,
        invites=invites,
        levels={name: level for name, level in LEVELS.items() if level <= actor.level},
        level_names={level: name.capitalize() for name, level in LEVELS.items()},
        may_change=actor.is_admin,
        me=actor.user_id,
        sends_mail=services.settings.smtp_url is not None,
        **{"form": InviteForm(), "notice": NOTICES.get(request.query_params.get("notice", "")), **overrides},
    )


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_members(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show who belongs to the organization and who is invited."""
    return page(request, "invitations/members.html", await _members_page(request, services, actor))


@post(f"{PATH}/{{user_uuid:uuid}}/level", guards=[page_session, page_recent], include_in_schema=False)
async def set_level(
    request: ParleyRequest,
    user_uuid: FromPath[UUID],
    data: JSONBody[MemberLevelForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Change a member's level, under the rules of the API."""
    check_admin(actor)
    organization_id, level = actor.project.organization_id, check_level(data.level)
    try:
        async with services.database.transaction() as db:
            found = await member_by_uuid(db, organization_id, user_uuid)
            check_may_change(actor.level, found.level)
            check_may_grant(actor.principal, organization_id, level)
            await change_member_level(
                db, services, organization_id=organization_id, member=found, level=level
            )
    except Invalid as error:
        return await _refused(request, services, actor, error)
    return redirect(f"{PATH}?notice=level")


@post(f"{PATH}/{{user_uuid:uuid}}/remove", guards=[page_session, page_recent], include_in_schema=False)
async def remove(
    request: ParleyRequest, user_uuid: FromPath[UUID], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Remove a member."""
    check_admin(actor)
    organization_id = actor.project.organization_id
    try:
        async with services.database.transaction() as db:
            found = await member_by_uuid(db, organization_id, user_uuid)
            check_may_change(actor.level, found.level)
            await remove_member(db, services, organization_id=organization_id, user_id=found.user.id)
    except Invalid as error:
        return await _refused(request, services, actor, error)
    return redirect("/" if found.user.id == actor.user_id else f"{PATH}?notice=removed")


async def _refused(
    request: ParleyRequest, services: Services, actor: Actor, error: Invalid, **overrides: Any
) -> Response[Any]:
    shown = await _members_page(request, services, actor, problem=error.detail, **overrides)
    return page(request, "invitations/members.html", shown, status=422)


@post(f"{PATH}/invite", guards=[page_session, page_recent], include_in_schema=False)
async def invite(
    request: ParleyRequest, data: JSONBody[InviteForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Invite somebody by mail, and show the link once, for those who want to send it themselves."""
    check_admin(actor)
    try:
        check_may_grant(actor.principal, actor.project.organization_id, check_level(data.level))
        token = await _invite(services, actor, data)
    except Invalid as error:
        return await _refused(request, services, actor, error, form=data)
    link = invite_link(services.settings.site_url, token)
    return page(request, "invitations/members.html", await _members_page(request, services, actor, link=link))


async def _invite(services: Services, actor: Actor, form: InviteForm) -> str:
    async with services.database.transaction() as db:
        made = await create_invite(
            db,
            services,
            NewInvite(check_email(form.email), form.level),
            organization_id=actor.project.organization_id,
            created_by=actor.user_id,
        )
    return made.token


@post(f"{PATH}/invites/{{invite_id:uuid}}/revoke", guards=[page_session], include_in_schema=False)
async def revoke(
    invite_id: FromPath[UUID], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Withdraw an invitation."""
    check_admin(actor)
    async with services.database.transaction() as db:
        await delete_invite(db, services, organization_id=actor.project.organization_id, invite_id=invite_id)
    return redirect(f"{PATH}?notice=revoked")


handlers = [show_members, set_level, remove, invite, revoke]
