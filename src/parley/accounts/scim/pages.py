"""The page on which an admin switches SCIM on for a domain, gets its token, and sees what the identity provider asks."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from parley.accounts.domains.actions import change_domain, rotate_scim_token
from parley.accounts.domains.queries import Domain, domain_of_organization
from parley.accounts.domains.schemas import DomainPatch
from parley.accounts.memberships.rules import check_admin
from parley.accounts.scim.queries.requests import RequestFilters, request_page
from parley.accounts.scim.schemas import ScimRequestOut
from parley.accounts.two_factor.queries.break_glass import owner_gets_in
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import Actor, OrganizationActor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.services import Services
from parley.web.guards import page_recent, page_session
from parley.web.rendering import page, redirect

PATH = "/settings/domains/{domain_id:str}/scim"
SHOWN = 20
NOTICES = {"off": "SCIM is off for this domain, and its token has ended."}


class ScimPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `scim/settings.html`; `token` was just made, and is shown this once."""

    domain: Domain
    base_url: str
    requests: Sequence[ScimRequestOut]
    n_requests: int
    may_change: bool
    token: str | None = None
    notice: str | None = None


async def _shown(
    services: Services, actor: Actor, domain_id: str, token: str | None = None, notice: str | None = None
) -> ScimPage:
    async with services.database.transaction(write=False) as db:
        domain = await domain_of_organization(db, actor.project.organization_id, uuid_or_none(domain_id))
        found: Sequence[ScimRequestOut] = ()
        count = 0
        if actor.is_admin:
            found, count = await request_page(db, domain.id, RequestFilters(), limit=SHOWN)
    return ScimPage(
        domain=domain,
        base_url=f"{services.settings.site_url}/scim/v2/{domain.id}",
        requests=found,
        n_requests=count,
        may_change=actor.is_admin,
        token=token,
        notice=notice,
    )


def _caller(actor: Actor) -> OrganizationActor:
    return OrganizationActor(actor.principal, actor.project.organization_id, actor.level)


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_scim_settings(
    request: ParleyRequest, domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show whether SCIM is on, where its endpoint is, and the latest requests."""
    notice = NOTICES.get(request.query_params.get("notice", ""))
    return page(request, "scim/settings.html", await _shown(services, actor, domain_id, notice=notice))


@post(f"{PATH}/on", guards=[page_session, page_recent], include_in_schema=False)
async def switch_scim_on(
    request: ParleyRequest, domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Switch SCIM on and show the token, this once."""
    check_admin(actor)
    async with services.database.transaction() as db:
        id, patch = uuid_or_none(domain_id), DomainPatch(scim_enabled=True)
        token = await change_domain(db, services, _caller(actor), id, patch, owner_gets_in=owner_gets_in)
    return page(request, "scim/settings.html", await _shown(services, actor, domain_id, token))


@post(f"{PATH}/token", guards=[page_session, page_recent], include_in_schema=False)
async def renew_token_on_page(
    request: ParleyRequest, domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Give the domain a new token and show it, this once."""
    check_admin(actor)
    async with services.database.transaction() as db:
        token = await rotate_scim_token(db, services, _caller(actor), uuid_or_none(domain_id))
    return page(request, "scim/settings.html", await _shown(services, actor, domain_id, token))


@post(f"{PATH}/off", guards=[page_session, page_recent], include_in_schema=False)
async def switch_scim_off(
    domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Switch SCIM off, which ends the token."""
    check_admin(actor)
    async with services.database.transaction() as db:
        id, patch = uuid_or_none(domain_id), DomainPatch(scim_enabled=False)
        await change_domain(db, services, _caller(actor), id, patch, owner_gets_in=owner_gets_in)
    return redirect(f"/settings/domains/{domain_id}/scim?notice=off")


handlers: list[Any] = [show_scim_settings, switch_scim_on, renew_token_on_page, switch_scim_off]
