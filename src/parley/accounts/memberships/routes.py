"""Who is available to work on tickets (docs/views.md#availability)."""

from typing import Any

from litestar import get, put
from litestar.params import FromPath, JSONBody

from parley.accounts.memberships.actions import set_availability
from parley.accounts.memberships.queries import availability_page, n_members
from parley.accounts.memberships.schemas import AvailabilityOut, NewAvailability
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest, uuid_in_path

PATH = "/api/projects/{project_id:str}/conversations/availability"
ONE = f"{PATH}/{{user_uuid:str}}"


@get(PATH, guards=[needs("ticket:read")])
async def list_availability(
    request: ParleyRequest, db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> Page[AvailabilityOut]:
    """List the members of the organization, and whether they are available to work on tickets."""
    asked, organization_id = page_request(request), actor.project.organization_id
    found = await availability_page(db, organization_id, asked, services.clock.now())
    return page_of(request, asked, await n_members(db, organization_id), found)


@put(ONE, guards=[needs("ticket:write")])
async def change_availability(
    user_uuid: FromPath[str],
    data: JSONBody[NewAvailability],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> AvailabilityOut:
    """Set a member's availability, or until when they are away; `@me` is the caller, only admins may set that of others."""
    uuid = actor.principal.user_uuid if user_uuid == "@me" else uuid_in_path(user_uuid)
    return await set_availability(db, services, actor, uuid, data)


handlers: list[Any] = [list_availability, change_availability]
