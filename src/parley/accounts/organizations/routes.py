"""Organizations."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import JSONBody
from msgspec import UNSET

from parley.accounts.api_keys.actions import cover_organization
from parley.accounts.members.actions import add_member, set_current
from parley.accounts.organizations import actions
from parley.accounts.organizations.queries import n_organizations, organization_by_id, organization_page
from parley.accounts.organizations.schemas import NewOrganization, OrganizationOut, OrganizationPatch
from parley.kernel.dependencies import DbDependency, PrincipalDependency, ServicesDependency
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import (
    OWNER,
    check_recently_authenticated,
    needs,
    recently_authenticated,
)
from parley.kernel.http.organizations import admins_only, in_organization, organization_actor, owners_only
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import documented

PATH = "/api/organizations"
LIMITED = documented(errors={429: "The caller has made as many in a day as a user may."})
ONE = f"{PATH}/{{organization_id:str}}"


@get(PATH, guards=[needs("organization:read")])
async def list_organizations(
    request: ParleyRequest, principal: PrincipalDependency, db: DbDependency
) -> Page[OrganizationOut]:
    """List the caller's organizations by name."""
    asked = page_request(request)
    found = await organization_page(db, principal, asked.limit, asked.offset)
    return page_of(request, asked, await n_organizations(db, principal), found)


@post(PATH, guards=[needs("organization:write")], status_code=201, opt=LIMITED)
async def create_organization(
    data: JSONBody[NewOrganization],
    principal: PrincipalDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> OrganizationOut:
    """Make an organization that the caller owns and works in from now on; twenty in a day, then 429."""
    if principal.scoped_organizations:
        raise PermissionDenied("This API key is limited to other organizations.")
    await actions.count_organization(services, principal.user_id)
    organization_id = await actions.create_organization(db, services, data)
    user_id = principal.user_id
    await add_member(db, services, organization_id=organization_id, user_id=user_id, level=OWNER)
    await set_current(db, services, user_id=user_id, organization_id=organization_id, project_id=None)
    if principal.key_id is not None and principal.application_id is None:
        await cover_organization(db, services, principal.key_id, organization_id)
    return await organization_by_id(db, organization_id, OWNER)


@get(ONE, guards=[needs("organization:read"), in_organization])
async def show_organization(request: ParleyRequest, db: DbDependency) -> OrganizationOut:
    """Show one organization; `@current` is the one the caller works in."""
    caller = organization_actor(request)
    return await organization_by_id(db, caller.organization_id, caller.level)


@patch(ONE, guards=[needs("organization:write"), in_organization, admins_only])
async def update_organization(
    data: JSONBody[OrganizationPatch], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> OrganizationOut:
    """Change an organization; for admins. `enforce_2fa` needs a session that has proved lately whose it is, or a key."""
    caller = organization_actor(request)
    if data.enforce_2fa is not UNSET:
        check_recently_authenticated(caller.principal, services.clock.now())
    await actions.change_organization(db, services, caller.organization_id, data)
    return await organization_by_id(db, caller.organization_id, caller.level)


@delete(
    ONE,
    guards=[needs("organization:write"), in_organization, owners_only, recently_authenticated],
    status_code=204,
)
async def delete_one_organization(
    request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> None:
    """Delete an organization with its projects and everything in them; for owners."""
    await actions.delete_organization(db, services, organization_actor(request).organization_id)


handlers: list[Any] = [
    list_organizations,
    create_organization,
    show_organization,
    update_organization,
    delete_one_organization,
]
