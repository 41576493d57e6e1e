"""The first steps of a project are shown as they are now, or dismissed for good."""

from typing import Any

import msgspec
from litestar import Response, get, post

from parley.accounts.memberships.rules import check_admin
from parley.accounts.projects.actions.settings import update_project
from parley.accounts.projects.schemas import ProjectPatch
from parley.inbox.inbox_page.first_steps import DISMISSED, first_steps_of
from parley.inbox.inbox_page.own_work import Beside
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import HOME, page_session
from parley.web.rendering import page, redirect

PLACES = {"beside": "inbox_page/_steps_beside.html", "above": "inbox_page/_steps_above.html"}


class StepsPart(msgspec.Struct, frozen=True):
    """Context of the templates of `PLACES`."""

    beside: Beside


@get("/inbox/first-steps", guards=[page_session], include_in_schema=False)
async def show_first_steps(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the steps as they are now, in the `place` that asks; 204 where as many are `done` as it shows."""
    shown = Beside(steps=[*await first_steps_of(services.database, actor)], lists=[])
    if shown.steps and request.query_params.get("done") == str(shown.n_done):
        return Response(None, status_code=204)
    template = PLACES.get(request.query_params.get("place", ""), PLACES["beside"])
    return page(request, template, StepsPart(shown))


@post("/inbox/first-steps/dismiss", guards=[page_session], include_in_schema=False)
async def dismiss_first_steps(actor: ActorDependency, services: ServicesDependency) -> Response[Any]:
    """Hide the first steps from all admins of the project; a setting of the project keeps it."""
    check_admin(actor)
    async with services.database.transaction() as db:
        await update_project(db, services, actor, ProjectPatch(conversations_settings={DISMISSED: True}))
    return redirect(HOME)


handlers = [show_first_steps, dismiss_first_steps]
