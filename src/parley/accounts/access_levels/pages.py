"""Settings of access: the levels on all tickets of the project."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from parley.accounts.access_levels.actions import set_level_of_all
from parley.accounts.access_levels.level_form import (
    MEANINGS,
    LevelForm,
    LevelRow,
    can_have_a_level,
    fields_of,
    level_rows,
)
from parley.accounts.access_levels.queries.controls import access_controls
from parley.accounts.access_levels.queries.grantees import Grantee, grantees_of
from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.queries.visibility import sees_any_ticket
from parley.accounts.access_levels.rules import is_at_least
from parley.accounts.access_levels.schemas import ResourceLevel
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/access"
CLOSED = "No conversation is open to you. Ask an admin of your organization for access."
NOTICES = {"set": "The level is set.", "gone": "The level is revoked."}


class AccessPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `access_levels/access.html`; `default` is the level of members for whom none is set."""

    rows: Sequence[LevelRow]
    default: str
    grantees: Sequence[Grantee]
    meanings: dict[str, str]
    may_change: bool
    problem: str | None = None
    notice: str | None = None


async def _access_page(request: ParleyRequest, services: Services, actor: Actor) -> AccessPage:
    grantees = await grantees_of(services.database, actor.project.organization_id)
    async with services.database.transaction(write=False) as db:
        found = await access_controls(db, actor.project_id, None)
    return AccessPage(
        rows=level_rows(found, grantees),
        default=found.access_level,
        grantees=can_have_a_level(grantees),
        meanings=MEANINGS,
        problem=None if sees_any_ticket(actor) else CLOSED,
        may_change=is_at_least(default_level(actor), "manager"),
        notice=NOTICES.get(request.query_params.get("notice", "")),
    )


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_access(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show who may do what with the project's tickets."""
    return page(request, "access_levels/access.html", await _access_page(request, services, actor))


@post(PATH, guards=[page_session], include_in_schema=False)
async def set_access(
    request: ParleyRequest, data: JSONBody[LevelForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Set a level, or remove it, under the rules of the API."""
    try:
        async with services.database.transaction() as db:
            await set_level_of_all(
                db, services, actor, read(ResourceLevel, {"resource": "ticket", **fields_of(data)})
            )
    except Invalid as error:
        shown = await _access_page(request, services, actor)
        refused = msgspec.structs.replace(shown, problem=error.detail)
        return page(request, "access_levels/access.html", refused, status=422)
    return redirect(f"{PATH}?notice={'set' if data.level else 'gone'}")


handlers = [show_access, set_access]
