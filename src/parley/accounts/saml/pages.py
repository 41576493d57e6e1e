"""The page on which an admin sets up SAML for a domain, fills it from metadata, and tests it."""

import asyncio
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.accounts.domains.actions import change_domain
from parley.accounts.domains.queries import Domain, domain_of_organization
from parley.accounts.domains.schemas import DomainPatch
from parley.accounts.memberships.rules import check_admin
from parley.accounts.saml.actions.importing import fetched_metadata
from parley.accounts.saml.actions.requests import begin_test
from parley.accounts.saml.browser_cookie import browser_cookie, browser_secret
from parley.accounts.saml.errors import SamlInvalid, SamlNotConfigured
from parley.accounts.saml.forms import SamlForm, SentMetadata, checked_fields, sent_metadata
from parley.accounts.saml.queries import LASTS, pending_request
from parley.accounts.saml.rules.certificates import Certificate, certificates_of
from parley.accounts.saml.rules.documents import MOST_METADATA_BYTES
from parley.accounts.saml.rules.provider_metadata import ProviderMetadata, read_metadata
from parley.accounts.saml.rules.requests import ServiceProvider, service_provider
from parley.accounts.two_factor.queries.break_glass import owner_gets_in
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor, OrganizationActor
from parley.kernel.http.body import read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.services import Services
from parley.web.guards import STREAMS_FORM, page_recent, page_session
from parley.web.rendering import page, redirect

PATH = "/settings/domains/{domain_id:str}/saml"
MOST_FORM_BYTES = MOST_METADATA_BYTES + 64 * 1024
SAVED = "Saved. Now test the sign-in, at the end of this page."
IMPORTED = "Read from the metadata. Look at it, then save it."
IMPORTED_WANTS_SIGNED = (
    "Read from the metadata. It asks for signed requests, which Parley does not send: switch that off at the identity "
    "provider. Then save."
)


class SamlPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `saml/settings.html`; `problem` belongs to the field `at`, or to the page. `finding` is of a test."""

    domain: Domain
    provider: ServiceProvider
    form: SamlForm
    certificates: list[Certificate]
    may_change: bool
    finding: dict[str, Any] | None = None
    is_waiting: bool = False
    problem: str | None = None
    at: str | None = None
    metadata_url: str = ""
    notice: str | None = None


async def _domain(actor: Actor, services: Services, domain_id: str) -> Domain:
    async with services.database.transaction(write=False) as db:
        return await domain_of_organization(db, actor.project.organization_id, uuid_or_none(domain_id))


def _shown(services: Services, actor: Actor, domain: Domain, form: SamlForm | None = None) -> SamlPage:
    """Show what was sent; without it, what is stored."""
    return SamlPage(
        domain=domain,
        provider=service_provider(services.settings.site_url),
        form=form or _form_of(domain),
        certificates=_readable(domain.saml_x509_cert or ""),
        may_change=actor.is_admin,
    )


def _form_of(domain: Domain) -> SamlForm:
    return SamlForm(
        saml_entity_id=domain.saml_entity_id or "",
        saml_acs_url=domain.saml_acs_url or "",
        saml_x509_cert=domain.saml_x509_cert or "",
        saml_allows_idp_initiated="on" if domain.saml_allows_idp_initiated else "",
    )


def _readable(text: str) -> list[Certificate]:
    try:
        return certificates_of(text)
    except SamlInvalid:  # the API takes any text
        return []


def _answer(request: ParleyRequest, shown: SamlPage, **changes: Any) -> Response[Any]:
    status = 422 if changes.get("problem") else 200
    return page(request, "saml/settings.html", msgspec.structs.replace(shown, **changes), status=status)


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_saml_settings(
    request: ParleyRequest, domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show what is set, what the identity provider needs, and what a test brought back."""
    domain = await _domain(actor, services, domain_id)
    changes: dict[str, Any] = {"notice": SAVED if request.query_params.get("notice") == "saved" else None}
    if (test := request.query_params.get("test")) and actor.is_admin:
        changes |= await _test_of(services, actor, domain, test)
    return _answer(request, _shown(services, actor, domain), **changes)


async def _test_of(services: Services, actor: Actor, domain: Domain, test: str) -> dict[str, Any]:
    """Return what came back for a test that this user has begun."""
    async with services.database.transaction(write=False) as db:
        found = await pending_request(db, domain.id, test[:64], services.clock.now())
    if found is None or found.tested_by != actor.user_id:
        return {"notice": "This test is over. Begin another one."}
    return {"finding": found.finding, "is_waiting": found.finding is None}


@post(PATH, guards=[page_session, page_recent], include_in_schema=False)
async def save_saml_settings(
    request: ParleyRequest,
    domain_id: FromPath[str],
    data: JSONBody[SamlForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store the form, or show it with what is wrong."""
    check_admin(actor)
    domain = await _domain(actor, services, domain_id)
    caller = OrganizationActor(actor.principal, domain.organization_id, actor.level)
    try:
        patch = read(DomainPatch, checked_fields(data))
        async with services.database.transaction() as db:
            await change_domain(db, services, caller, domain.id, patch, owner_gets_in=owner_gets_in)
    except Invalid as error:
        return _answer(request, _shown(services, actor, domain, data), problem=error.detail, at=error.attr)
    return redirect(f"/settings/domains/{domain.id}/saml?notice=saved")


@post(
    f"{PATH}/import",
    guards=[page_session, page_recent],
    include_in_schema=False,
    opt={STREAMS_FORM: True},
    request_max_body_size=MOST_FORM_BYTES,
)
async def import_metadata(
    request: ParleyRequest, domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Fill the form from metadata, without storing it."""
    check_admin(actor)
    domain = await _domain(actor, services, domain_id)
    sent = await sent_metadata(request)
    try:
        found = await _imported(sent, services)
    except SamlInvalid as error:
        at = error.attr or ("file" if sent.file else "metadata_url")
        shown = _shown(services, actor, domain)
        return _answer(request, shown, problem=error.detail, at=at, metadata_url=sent.url)
    form = _filled_from(found, domain)
    notice = IMPORTED_WANTS_SIGNED if found.wants_signed_requests else IMPORTED
    shown = _shown(services, actor, domain, form)
    return _answer(request, shown, notice=notice, certificates=_readable(found.certificates))


def _filled_from(found: ProviderMetadata, domain: Domain) -> SamlForm:
    return SamlForm(
        saml_entity_id=found.entity_id,
        saml_acs_url=found.sign_on_url,
        saml_x509_cert=found.certificates,
        saml_allows_idp_initiated=_form_of(domain).saml_allows_idp_initiated,
    )


async def _imported(sent: SentMetadata, services: Services) -> ProviderMetadata:
    if sent.file:
        return await asyncio.to_thread(read_metadata, sent.file)
    if not sent.url:
        raise SamlInvalid("Choose a file, or enter the address of the metadata.", attr="metadata_url")
    return await fetched_metadata(services, sent.url)


@get(f"{PATH}/test", guards=[page_session], include_in_schema=False)
async def test_saml(
    request: ParleyRequest, domain_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Send the admin to the identity provider and back, without signing anybody in."""
    check_admin(actor)
    domain = await _domain(actor, services, domain_id)
    secret, here = browser_secret(request), f"/settings/domains/{domain.id}/saml"
    try:
        url = await begin_test(services, domain, browser=secret, user_id=actor.user_id, page=here)
    except SamlNotConfigured as error:
        return _answer(request, _shown(services, actor, domain), problem=error.detail)
    lasts_s = int(LASTS.total_seconds())
    cookie = browser_cookie(request, secret, is_https=services.settings.is_https, lasts_s=lasts_s)
    headers = {"Location": url, "Cache-Control": "no-store"}
    return Response(None, status_code=302, headers=headers, cookies=[cookie], media_type="text/plain")


handlers: list[Any] = [show_saml_settings, save_saml_settings, import_metadata, test_saml]
