"""Settings of the organization: its name, and what it allows."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.memberships.rules import check_admin
from parley.accounts.organizations.actions import change_organization
from parley.accounts.organizations.queries import organization_by_id
from parley.accounts.organizations.schemas import OrganizationOut, OrganizationPatch
from parley.accounts.organizations.tables import MAX_NAME_LENGTH
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_recent, page_session
from parley.web.rendering import page, redirect

PATH = "/settings/organization"


class OrganizationForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form; a box that isn't ticked isn't sent."""

    name: Annotated[str, Meta(extra=TRIM)] = ""
    allow_publicly_shared_resources: str = ""
    is_ai_data_processing_approved: str = ""
    enforce_2fa: str = ""


class OrganizationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `organizations/settings.html`; `problem` belongs to the name, or to all of the form."""

    form: OrganizationForm
    has_model: bool
    may_change: bool
    max_name: int = MAX_NAME_LENGTH
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


async def _organization_page(
    request: ParleyRequest, actor: Actor, services: Services, sent: OrganizationForm | None = None
) -> OrganizationPage:
    """Show what was sent; without it, what is stored."""
    async with services.database.transaction(write=False) as db:
        found = await organization_by_id(db, actor.project.organization_id, actor.level)
    return OrganizationPage(
        form=sent or _form_of(found),
        has_model=services.settings.llm_url is not None,
        may_change=actor.is_admin,
        notice="Saved." if request.query_params.get("notice") == "saved" else None,
    )


def _form_of(found: OrganizationOut) -> OrganizationForm:
    return OrganizationForm(
        name=found.name,
        allow_publicly_shared_resources="on" if found.allow_publicly_shared_resources else "",
        is_ai_data_processing_approved="on" if found.is_ai_data_processing_approved else "",
        enforce_2fa="on" if found.enforce_2fa else "",
    )


def _patch_of(form: OrganizationForm) -> OrganizationPatch:
    """Say the form as the API would; raises Invalid."""
    fields = {
        "name": form.name,
        "allow_publicly_shared_resources": bool(form.allow_publicly_shared_resources),
        "is_ai_data_processing_approved": bool(form.is_ai_data_processing_approved),
        "enforce_2fa": bool(form.enforce_2fa),
    }
    return read(OrganizationPatch, fields)


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_organization_settings(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the organization's name and what it allows."""
    return page(request, "organizations/settings.html", await _organization_page(request, actor, services))


@post(PATH, guards=[page_session], include_in_schema=False)
async def save_organization_settings(
    request: ParleyRequest,
    data: JSONBody[OrganizationForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store the form, or show it with the error."""
    check_admin(actor)
    try:
        patch = _patch_of(data)
        async with services.database.transaction() as db:
            stored = await organization_by_id(db, actor.project.organization_id, actor.level)
            if patch.enforce_2fa != stored.enforce_2fa:
                await page_recent(request, request.route_handler)
            await change_organization(db, services, actor.project.organization_id, patch)
    except Invalid as error:
        shown = await _organization_page(request, actor, services, data)
        refused = msgspec.structs.replace(shown, problem=error.detail, at=error.attr)
        return page(request, "organizations/settings.html", refused, status=422)
    return redirect(f"{PATH}?notice=saved")


handlers: list[Any] = [show_organization_settings, save_organization_settings]
