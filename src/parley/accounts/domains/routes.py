"""Domains of an organization, and what the domain of an address says to whoever wants to sign in."""

from typing import Any

from litestar import delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from parley.accounts.domains import actions, enforcement
from parley.accounts.domains.queries import Domain, domain_of_organization, domain_page, n_domains
from parley.accounts.domains.rules import record_name
from parley.accounts.domains.schemas import DomainOut, DomainPatch, NewDomain, Precheck, PrecheckRequest
from parley.accounts.domains.verification import verify_domain
from parley.kernel.config.settings import Settings
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs, public, recently_authenticated
from parley.kernel.http.organizations import admins_only, in_organization, organization_actor
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.network.emails import check_email
from parley.kernel.services import Services
from parley.kernel.throttle import MINUTE_S, Limit, per_address

PATH = "/api/organizations/{organization_id:str}/domains"
ONE = f"{PATH}/{{domain_id:str}}"
PRECHECKS = Limit("sign-in-precheck", 30, MINUTE_S)
READS = [needs("organization:read"), in_organization]
WRITES = [needs("organization:write"), in_organization, admins_only, recently_authenticated]


def shown_domain(domain: Domain, settings: Settings, token: str | None = None) -> DomainOut:
    """Return a domain as it travels; a token that was just made is shown this once."""
    return DomainOut(
        id=domain.id,
        domain=domain.domain,
        is_verified=domain.is_verified,
        verified_at=domain.verified_at,
        verification_challenge=domain.verification_challenge,
        verification_record_name=record_name(domain.domain, settings),
        verification_error=domain.verification_error,
        failing_since=domain.failing_since,
        jit_provisioning_enabled=domain.jit_provisioning_enabled,
        sso_enforcement=domain.sso_enforcement,
        sso_problem=enforcement.policy_problem(domain, settings),
        has_saml=domain.has_saml,
        saml_entity_id=domain.saml_entity_id,
        saml_acs_url=domain.saml_acs_url,
        saml_x509_cert=domain.saml_x509_cert,
        saml_allows_idp_initiated=domain.saml_allows_idp_initiated,
        has_scim=domain.has_scim,
        scim_enabled=domain.scim_enabled,
        scim_base_url=f"{settings.site_url}/scim/v2/{domain.id}" if domain.has_scim else None,
        scim_bearer_token=token,
    )


@get(PATH, guards=READS)
async def list_domains(
    request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> Page[DomainOut]:
    """List the organization's domains by name."""
    asked, organization_id = page_request(request), organization_actor(request).organization_id
    found = await domain_page(db, organization_id, asked.limit, asked.offset)
    count = await n_domains(db, organization_id)
    return page_of(request, asked, count, [shown_domain(one, services.settings) for one in found])


@post(PATH, guards=WRITES, status_code=201)
async def create_domain(
    data: JSONBody[NewDomain], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> DomainOut:
    """Claim a domain; for admins. A claim blocks nobody else, and nothing rests on it until it is verified."""
    caller = organization_actor(request)
    made_id = await actions.create_domain(db, services, caller, data)
    made = await domain_of_organization(db, caller.organization_id, made_id)
    return shown_domain(made, services.settings)


@get(ONE, guards=READS)
async def show_domain(
    domain_id: FromPath[str], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> DomainOut:
    """Show a domain."""
    organization_id = organization_actor(request).organization_id
    found = await domain_of_organization(db, organization_id, uuid_or_none(domain_id))
    return shown_domain(found, services.settings)


async def _changed(
    domain_id: str, data: DomainPatch, request: ParleyRequest, db: Db, services: Services
) -> DomainOut:
    caller, id = organization_actor(request), uuid_or_none(domain_id)
    gets_in = request.app.state.owner_gets_in
    token = await actions.change_domain(db, services, caller, id, data, owner_gets_in=gets_in)
    changed = await domain_of_organization(db, caller.organization_id, id)
    return shown_domain(changed, services.settings, token)


@patch(ONE, guards=WRITES)
async def update_domain(
    domain_id: FromPath[str],
    data: JSONBody[DomainPatch],
    request: ParleyRequest,
    db: DbDependency,
    services: ServicesDependency,
) -> DomainOut:
    """Change how people of a domain sign in; for admins. 400 `would_block_self` where that could lock the caller out."""
    return await _changed(domain_id, data, request, db, services)


@put(ONE, guards=WRITES)
async def replace_domain(
    domain_id: FromPath[str],
    data: JSONBody[DomainPatch],
    request: ParleyRequest,
    db: DbDependency,
    services: ServicesDependency,
) -> DomainOut:
    """The same as PATCH: the name never changes, and whatever is not named stays as it is."""
    return await _changed(domain_id, data, request, db, services)


@delete(ONE, guards=WRITES, status_code=204)
async def delete_domain(
    domain_id: FromPath[str], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> None:
    """Give a domain up, with its policy; for admins. 400 `would_block_self` while it says how the caller signs in."""
    await actions.delete_domain(db, services, organization_actor(request), uuid_or_none(domain_id))


@post(f"{ONE}/verify", guards=WRITES, status_code=200)
async def verify_one_domain(
    domain_id: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> DomainOut:
    """Look for the TXT record; for admins. 200 whatever the DNS says: `verification_error` tells what is wrong."""
    organization_id = organization_actor(request).organization_id
    found = await verify_domain(services, organization_id, uuid_or_none(domain_id))
    return shown_domain(found, services.settings)


@post("/api/login/precheck", guards=[public, per_address(PRECHECKS)], status_code=200)
async def precheck_login(data: JSONBody[PrecheckRequest], services: ServicesDependency) -> Precheck:
    """Say how people with addresses of this domain sign in. The same for addresses that nobody has."""
    async with services.database.transaction(write=False) as db:  # strangers take no turn from who writes
        return await enforcement.precheck(db, services, check_email(data.email))


handlers: list[Any] = [
    list_domains,
    create_domain,
    show_domain,
    update_domain,
    replace_domain,
    delete_domain,
    verify_one_domain,
    precheck_login,
]
