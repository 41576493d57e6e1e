"""The endpoints of access levels on all things of a kind; those on one ticket are beside the ticket's."""

from typing import Any

from litestar import get, put
from litestar.params import JSONBody

from parley.accounts.access_levels.actions import set_level_of_all
from parley.accounts.access_levels.queries.controls import access_controls
from parley.accounts.access_levels.queries.visibility import TICKET
from parley.accounts.access_levels.schemas import AccessControls, ResourceLevel
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import not_a_choice
from parley.kernel.http.authorization import needs
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented

PATH = "/api/projects/{project_id:str}/resource_access_controls"
QUERY = [Query("resource", "The kind of things that the levels are about: `ticket`.")]
PROBLEM = {400: "There are no levels on things of this kind."}


@get(PATH, guards=[needs("access_control:read")], opt=documented(query=QUERY, errors=PROBLEM))
async def show_resource_access_controls(
    request: ParleyRequest, db: DbDependency, actor: ActorDependency
) -> AccessControls:
    """Show the levels on all tickets of the project, and the level of members for whom none is set."""
    resource = request.query_params.get("resource") or TICKET
    if resource != TICKET:
        raise not_a_choice(resource[:100], "resource")
    return await access_controls(db, actor.project_id, None)


@put(PATH, guards=[needs("access_control:write")])
async def set_resource_access_control(
    data: JSONBody[ResourceLevel], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> AccessControls:
    """Set a level on all tickets of the project, or remove it with null; for managers."""
    await set_level_of_all(db, services, actor, data)
    return await access_controls(db, actor.project_id, None)


handlers: list[Any] = [show_resource_access_controls, set_resource_access_control]
