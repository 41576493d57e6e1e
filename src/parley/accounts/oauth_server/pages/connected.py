"""Applications that are connected: one's own, and for admins those of the members."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from parley.accounts.api_keys.rules import SCOPES
from parley.accounts.oauth_server.actions.ending import end_grant, end_grant_in
from parley.accounts.oauth_server.queries.grants import (
    applications_of_members,
    grant_of_member,
    grant_of_user,
)
from parley.accounts.oauth_server.schemas import ConnectedApplication
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import page_session, page_user
from parley.web.rendering import page, redirect

OWN = "/settings/security/applications"
OF_MEMBERS = "/settings/applications"
ADMINS_ONLY = "Only admins see what members have connected."


class ApplicationsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `oauth_server/applications.html`."""

    applications: Sequence[ConnectedApplication]
    words: Mapping[str, str]
    notice: str | None


@post(f"{OWN}/{{grant_id:str}}/end", guards=[page_user], include_in_schema=False)
async def disconnect_own_application(
    grant_id: FromPath[str], principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """End what the person has granted to a program."""
    async with services.database.transaction() as db:
        await grant_of_user(db, principal.user_id, grant_id, services.clock.now())
        await end_grant(db, services, principal.user_id, grant_id)
    return redirect("/settings/security?notice=disconnected")


@get(OF_MEMBERS, guards=[page_session], include_in_schema=False)
async def show_applications_of_members(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Show admins what members have connected to the organization."""
    organization_id = _organization_of_admin(request)
    async with services.database.transaction(write=False) as db:
        found = await applications_of_members(db, organization_id, services.clock.now())
    is_done = request.query_params.get("notice") == "disconnected"
    notice = "The application is disconnected." if is_done else None
    shown = ApplicationsPage(applications=found, words=SCOPES, notice=notice)
    return page(request, "oauth_server/applications.html", shown)


@post(f"{OF_MEMBERS}/{{grant_id:str}}/end", guards=[page_session], include_in_schema=False)
async def disconnect_application_of_member(
    request: ParleyRequest, grant_id: FromPath[str], services: ServicesDependency
) -> Response[Any]:
    """End what a member has granted to a program."""
    organization_id = _organization_of_admin(request)
    async with services.database.transaction() as db:
        found = await grant_of_member(db, organization_id, grant_id, services.clock.now())
        await end_grant_in(db, services, found, organization_id)
    return redirect(f"{OF_MEMBERS}?notice=disconnected")


def _organization_of_admin(request: ParleyRequest) -> Any:
    actor = request.state.actor
    if not actor.is_admin:
        raise PermissionDenied(ADMINS_ONLY)
    return actor.project.organization_id


handlers = [disconnect_own_application, show_applications_of_members, disconnect_application_of_member]
