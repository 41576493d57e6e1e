"""Inviting people into an organization."""

from datetime import datetime
from typing import Any

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import structs

from parley.accounts.invitations import actions
from parley.accounts.invitations.mails import invite_link
from parley.accounts.invitations.queries import (
    Invite,
    invite_by_id,
    invite_page,
    n_invites,
)
from parley.accounts.invitations.schemas import InviteOut, NewInvite
from parley.accounts.memberships.rules import check_level, check_may_grant
from parley.kernel.dependencies import DbDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import needs, recently_authenticated
from parley.kernel.http.organizations import admins_only, in_organization, organization_actor
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.network.emails import check_email

PATH = "/api/organizations/{organization_id:str}/invites"


def _shown(one: Invite, now: datetime, link: str | None = None) -> InviteOut:
    return InviteOut(
        id=one.id,
        target_email=one.target_email,
        level=one.level,
        is_expired=one.expires_at <= now or not one.is_backed,
        created_by=one.created_by,
        created_at=one.created_at,
        expires_at=one.expires_at,
        invite_link=link,
    )


@get(PATH, guards=[needs("organization_member:read"), in_organization])
async def list_invites(
    request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> Page[InviteOut]:
    """List the invitations that nobody has accepted yet, newest first."""
    asked, organization_id = page_request(request), organization_actor(request).organization_id
    found = await invite_page(db, organization_id, asked.limit, asked.offset)
    now = services.clock.now()
    count = await n_invites(db, organization_id)
    return page_of(request, asked, count, [_shown(one, now) for one in found])


@post(
    PATH,
    guards=[needs("organization_member:write"), in_organization, admins_only, recently_authenticated],
    status_code=201,
)
async def create_invite(
    data: JSONBody[NewInvite], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> InviteOut:
    """Invite somebody by mail, up to the caller's own level; for admins. Keys see no `invite_link`."""
    caller, email = organization_actor(request), check_email(data.target_email, attr="target_email")
    check_may_grant(caller.principal, caller.organization_id, check_level(data.level))
    made = await actions.create_invite(
        db,
        services,
        structs.replace(data, target_email=email),
        organization_id=caller.organization_id,
        created_by=caller.principal.user_id,
    )
    found = await invite_by_id(db, made.id)
    if found is None:
        raise NotFound
    # The link lets anybody in who has it: only a person is shown it, never a program.
    link = None if caller.principal.is_key else invite_link(services.settings.site_url, made.token)
    return _shown(found, services.clock.now(), link)


@delete(
    f"{PATH}/{{invite_id:str}}",
    guards=[needs("organization_member:write"), in_organization, admins_only],
    status_code=204,
)
async def delete_invite(
    invite_id: FromPath[str], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> None:
    """Withdraw an invitation; for admins."""
    organization_id = organization_actor(request).organization_id
    await actions.delete_invite(
        db, services, organization_id=organization_id, invite_id=uuid_in_path(invite_id)
    )


handlers: list[Any] = [list_invites, create_invite, delete_invite]
