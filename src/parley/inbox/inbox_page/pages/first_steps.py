"""The first steps of a project are dismissed for good."""

from typing import Any

from litestar import Response, post

from parley.accounts.memberships.rules import check_admin
from parley.accounts.projects.actions.settings import update_project
from parley.accounts.projects.schemas import ProjectPatch
from parley.inbox.inbox_page.first_steps import DISMISSED
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.web.guards import HOME, page_session
from parley.web.rendering import redirect


@post("/inbox/first-steps/dismiss", guards=[page_session], include_in_schema=False)
async def dismiss_first_steps(actor: ActorDependency, services: ServicesDependency) -> Response[Any]:
    """Hide the first steps from all admins of the project; a setting of the project keeps it."""
    check_admin(actor)
    async with services.database.transaction() as db:
        await update_project(db, services, actor, ProjectPatch(conversations_settings={DISMISSED: True}))
    return redirect(HOME)


handlers = [dismiss_first_steps]
