"""The pages of domains: add one, publish its record, check it, and say how its people sign in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.accounts.domains import actions
from parley.accounts.domains.enforcement import policy_problem, provider_in_force
from parley.accounts.domains.errors import NoBreakGlass, WouldBlockSelf
from parley.accounts.domains.queries import Domain, domain_of_organization, domain_page
from parley.accounts.domains.rules import (
    MAX_DOMAIN_LENGTH,
    MOST_DOMAINS,
    PROVIDER_NAMES,
    record_name,
    withdrawn_on,
)
from parley.accounts.domains.schemas import DomainPatch, NewDomain
from parley.accounts.domains.verification import verify_domain
from parley.accounts.memberships.rules import check_admin
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound, Throttled
from parley.kernel.http.authorization import Actor, OrganizationActor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.network.domains import unicode_domain
from parley.kernel.services import Services
from parley.web.error_pages import problem_of
from parley.web.guards import page_recent, page_session
from parley.web.rendering import page, redirect

PATH = "/settings/domains"
ONE = f"{PATH}/{{domain_id:str}}"
CHANGES = [page_session, page_recent]
NOTICES = {
    "added": "The domain is added. Now publish the record below, and check it.",
    "verified": "The record is found: the domain is verified.",
    "saved": "Saved.",
    "deleted": "The domain is deleted.",
    "break-glass": "You came in with a recovery code. If single sign-on does not work, choose the domain and stop "
    "enforcing it; then everybody signs in with a password until it works again. All owners are told by mail.",
}


class DomainForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form for a new domain."""

    domain: Annotated[str, Meta(extra=TRIM)] = ""


class PolicyForm(msgspec.Struct, frozen=True, kw_only=True):
    """How people of a domain sign in; a box that isn't ticked isn't sent."""

    sso_enforcement: str = ""
    jit_provisioning_enabled: str = ""


class ShownDomain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain as pages show it: `name` as people read it, `enforced` the provider whose policy holds now.

    `policy_problem` says why a policy has no effect.
    """

    domain: Domain
    name: str
    enforced: str | None
    policy_problem: str | None
    ends_at: datetime | None


class DomainsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `domains/domains.html`; `problem` belongs to the field."""

    domains: Sequence[ShownDomain]
    providers: dict[str, str]
    form: DomainForm
    may_change: bool
    max_length: int = MAX_DOMAIN_LENGTH
    problem: str | None = None
    notice: str | None = None


class DomainPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `domains/domain.html`.

    `choices` are the providers that may be enforced, by name; `try_it` signs in with the one that nobody has used so far.
    """

    shown: ShownDomain
    record_name: str
    choices: dict[str, str]
    providers: dict[str, str]
    form: PolicyForm
    may_change: bool
    try_it: str | None = None
    problem: str | None = None
    notice: str | None = None


def _shown(domain: Domain, services: Services) -> ShownDomain:
    return ShownDomain(
        domain=domain,
        name=unicode_domain(domain.domain),
        enforced=provider_in_force(domain, services.settings),
        policy_problem=policy_problem(domain, services.settings),
        ends_at=withdrawn_on(domain.failing_since) if domain.failing_since else None,
    )


def _caller(actor: Actor) -> OrganizationActor:
    check_admin(actor)
    return OrganizationActor(actor.principal, actor.project.organization_id, actor.level)


async def _domains_page(
    request: ParleyRequest, services: Services, actor: Actor, form: DomainForm, problem: str | None = None
) -> Response[Any]:
    async with services.database.transaction(write=False) as db:
        found = await domain_page(db, actor.project.organization_id, MOST_DOMAINS, 0)
    context = DomainsPage(
        domains=[_shown(one, services) for one in found],
        providers=PROVIDER_NAMES,
        form=form,
        may_change=actor.is_admin,
        problem=problem,
        notice=None if problem else NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "domains/domains.html", context, status=422 if problem else 200)


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_domains(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the organization's domains, and a form for a new one."""
    return await _domains_page(request, services, actor, DomainForm())


@post(PATH, guards=CHANGES, include_in_schema=False)
async def add_domain(
    request: ParleyRequest, data: JSONBody[DomainForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Claim a domain, or show the form with the problem."""
    caller = _caller(actor)
    try:
        async with services.database.transaction() as db:
            made = await actions.create_domain(db, services, caller, NewDomain(domain=data.domain))
    except Invalid as error:
        return await _domains_page(request, services, actor, data, _words(error))
    return redirect(f"{PATH}/{made}?notice=added")


def _words(error: Invalid) -> str:
    if error.code == "unique":
        return "This domain is in your list already, or another organization has verified it."
    return "Name the domain, such as example.com." if error.code == "blank" else error.detail


async def _domain_page(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    domain_id: str,
    *,
    form: PolicyForm | None = None,
    try_it: str | None = None,
    problem: str | None = None,
) -> Response[Any]:
    async with services.database.transaction(write=False) as db:
        organization_id = actor.project.organization_id
        domain = await domain_of_organization(db, organization_id, uuid_or_none(domain_id))
    context = DomainPage(
        shown=_shown(domain, services),
        record_name=record_name(domain.domain, services.settings),
        choices=_choices(domain, services),
        providers=PROVIDER_NAMES,
        form=form or _form_of(domain),
        may_change=actor.is_admin,
        try_it=try_it,
        problem=problem,
        notice=None if problem else NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "domains/domain.html", context, status=422 if problem else 200)


def _form_of(domain: Domain) -> PolicyForm:
    return PolicyForm(
        sso_enforcement=domain.sso_enforcement,
        jit_provisioning_enabled="on" if domain.jit_provisioning_enabled else "",
    )


def _choices(domain: Domain, services: Services) -> dict[str, str]:
    """Return the providers that are set up, and the one that is stored."""
    ready = {*services.settings.sign_in_providers, domain.sso_enforcement}
    if domain.has_saml:
        ready.add("saml")
    return {name: label for name, label in PROVIDER_NAMES.items() if name in ready}


@get(ONE, guards=[page_session], include_in_schema=False)
async def show_domain(
    request: ParleyRequest, domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show a domain: its record, and how its people sign in."""
    return await _domain_page(request, services, actor, domain_id)


@post(f"{ONE}/verify", guards=CHANGES, include_in_schema=False)
async def check_record(
    request: ParleyRequest, domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Look for the record, and show what was found."""
    caller = _caller(actor)
    try:
        found = await verify_domain(services, caller.organization_id, uuid_or_none(domain_id))
    except (Invalid, Throttled) as error:
        problem = (
            _words(error) if isinstance(error, Invalid) and error.code == "unique" else problem_of(error)
        )
        return await _domain_page(request, services, actor, domain_id, problem=problem)
    return redirect(f"{PATH}/{found.id}?notice={'verified' if found.is_verified else 'checked'}")


@post(ONE, guards=CHANGES, include_in_schema=False)
async def save_policy(
    request: ParleyRequest,
    domain_id: FromPath[str],
    data: JSONBody[PolicyForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store how people of the domain sign in, or show the form with the problem."""
    caller, fields = _caller(actor), msgspec.structs.asdict(data)
    try:
        fields["jit_provisioning_enabled"] = bool(data.jit_provisioning_enabled)
        async with services.database.transaction() as db:
            patch = read(DomainPatch, fields)
            gets_in = request.app.state.owner_gets_in
            domain = uuid_or_none(domain_id)
            await actions.change_domain(db, services, caller, domain, patch, owner_gets_in=gets_in)
    except Invalid as error:
        try_it = _first_sign_in(actor, domain_id, data, error)
        changes: dict[str, Any] = {"form": data, "try_it": try_it, "problem": error.detail}
        return await _domain_page(request, services, actor, domain_id, **changes)
    return redirect(f"{PATH}/{domain_id}?notice=saved")


def _first_sign_in(actor: Actor, domain_id: str, data: PolicyForm, error: Invalid) -> str | None:
    """Return where the caller tries the provider, if that is what they have to do first."""
    if not isinstance(error, WouldBlockSelf) or isinstance(error, NoBreakGlass):
        return None
    query = urlencode({"email": actor.principal.email, "next": f"{PATH}/{domain_id}"})
    return f"/login/{data.sso_enforcement}/?{query}"


@post(f"{ONE}/delete", guards=CHANGES, include_in_schema=False)
async def delete_from_page(
    request: ParleyRequest, domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Give the domain up."""
    caller = _caller(actor)
    try:
        async with services.database.transaction() as db:
            await actions.delete_domain(db, services, caller, uuid_or_none(domain_id))
    except NotFound:
        return redirect(PATH)
    except Invalid as error:
        return await _domain_page(request, services, actor, domain_id, problem=error.detail)
    return redirect(f"{PATH}?notice=deleted")


handlers: list[Any] = [show_domains, add_domain, show_domain, check_record, save_policy, delete_from_page]
