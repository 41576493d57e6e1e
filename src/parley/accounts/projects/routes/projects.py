"""Projects (PostHog also calls them teams and environments)."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import JSONBody

from parley.accounts.projects.actions import projects as actions
from parley.accounts.projects.actions.settings import make_project, update_project
from parley.accounts.projects.queries.projects import n_projects, project_out, project_page
from parley.accounts.projects.schemas import NewProject, ProjectOut, ProjectPatch
from parley.kernel.dependencies import (
    ActorDependency,
    DbDependency,
    PrincipalDependency,
    ServicesDependency,
)
from parley.kernel.http.authorization import needs, recently_authenticated
from parley.kernel.http.organizations import (
    admins_of_project_only,
    admins_only,
    in_current_organization,
    in_organization,
    organization_actor,
)
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest

PATH, ONE = "/api/projects", "/api/projects/{project_id:str}"
OF_ORGANIZATION = "/api/organizations/{organization_id:str}/projects"


@get(PATH, guards=[needs("project:read")])
async def list_projects(
    request: ParleyRequest, principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> Page[ProjectOut]:
    """List the projects of all organizations that the caller is in, oldest first."""
    asked = page_request(request)
    found = await project_page(db, services.vault, principal, None, asked)
    return page_of(request, asked, await n_projects(db, principal, None), found)


@get(OF_ORGANIZATION, guards=[needs("project:read"), in_organization])
async def list_organization_projects(
    request: ParleyRequest, principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> Page[ProjectOut]:
    """List the projects of one organization, oldest first."""
    asked, organization_id = page_request(request), organization_actor(request).organization_id
    found = await project_page(db, services.vault, principal, organization_id, asked)
    return page_of(request, asked, await n_projects(db, principal, organization_id), found)


@post(PATH, guards=[needs("project:write"), in_current_organization, admins_only], status_code=201)
async def create_project(
    data: JSONBody[NewProject], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> ProjectOut:
    """Make a project in the organization the caller works in; for admins."""
    caller = organization_actor(request)
    project_id = await make_project(
        db, services, caller.organization_id, data, made_by=caller.principal.user_id
    )
    return await project_out(db, services.vault, project_id, caller.principal)


@post(OF_ORGANIZATION, guards=[needs("project:write"), in_organization, admins_only], status_code=201)
async def create_organization_project(
    data: JSONBody[NewProject], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> ProjectOut:
    """Make a project in this organization; for admins."""
    caller = organization_actor(request)
    project_id = await make_project(
        db, services, caller.organization_id, data, made_by=caller.principal.user_id
    )
    return await project_out(db, services.vault, project_id, caller.principal)


@get(ONE, guards=[needs("project:read")])
async def show_project(actor: ActorDependency, db: DbDependency, services: ServicesDependency) -> ProjectOut:
    """Show a project; `@current` is the one the caller works in."""
    return await project_out(db, services.vault, actor.project_id, actor.principal)


@patch(ONE, guards=[needs("project:write"), admins_of_project_only])
async def update_one_project(
    data: JSONBody[ProjectPatch], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> ProjectOut:
    """Change a project; the keys of `conversations_settings` are merged. For admins."""
    await update_project(db, services, actor, data)
    return await project_out(db, services.vault, actor.project_id, actor.principal)


@delete(ONE, guards=[needs("project:write"), admins_of_project_only, recently_authenticated], status_code=204)
async def delete_project(actor: ActorDependency, db: DbDependency, services: ServicesDependency) -> None:
    """Delete a project with everything in it; for admins."""
    await actions.delete_project(db, services, actor.project_id)


handlers: list[Any] = [
    list_projects,
    list_organization_projects,
    create_project,
    create_organization_project,
    show_project,
    update_one_project,
    delete_project,
]
