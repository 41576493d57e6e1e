"""The answer of an identity provider: from the form that a browser brings to a session."""

import asyncio
from uuid import UUID

import msgspec

from parley.accounts.domains.actions import note_proven_provider
from parley.accounts.domains.queries import Domain, domain_by_id
from parley.accounts.saml.actions.taking import BroughtBy, store_finding, take_assertion, take_request
from parley.accounts.saml.errors import NOT_CONFIGURED, SamlInvalid, SamlNotConfigured
from parley.accounts.saml.queries import PendingRequest, pending_request
from parley.accounts.saml.rules.assertions import Expected, check_asked_again
from parley.accounts.saml.rules.certificates import certificates_of
from parley.accounts.saml.rules.people import SamlPerson, person_of
from parley.accounts.saml.rules.requests import service_provider
from parley.accounts.saml.rules.responses import SamlAnswer, claimed_request, read_response
from parley.accounts.sessions.actions import end_session, session_of
from parley.accounts.sessions.queries import session_is_open
from parley.accounts.single_sign_on.actions import admit
from parley.accounts.single_sign_on.rules import ProvenIdentity
from parley.accounts.users.queries import user_id_by_email
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.ids import token_hash, uuid_or_none
from parley.kernel.network.addresses import network_of
from parley.kernel.services import Services
from parley.kernel.throttle import SlotLimit

AT_ONCE = SlotLimit("saml", 20)
"""How many answers from one network are read at the same time."""
HOME = "/inbox"


class Finished(msgspec.Struct, frozen=True):
    """Where the browser goes, with a session unless it was a test.

    With `was_unasked` the identity provider began, so that nobody knows here which session the browser had.
    """

    to: str
    opened: OpenedSession | None = None
    was_unasked: bool = False


async def finish_sign_in(
    services: Services, *, response: str, relay_state: str, brought_by: BroughtBy, old_token: str | None
) -> Finished:
    """Sign in whom an answer proves; raises SamlInvalid, SamlNotConfigured, SsoFailed or Throttled.

    Nothing is parsed before the relay state has named a domain. Opens its own transactions.
    """
    domain = await _domain_of(services, relay_state)
    try:
        with services.slots.taken((AT_ONCE, network_of(brought_by.address))):
            answer = await asyncio.to_thread(_read, services, domain, response)
    except SamlInvalid as error:
        tested = await _claimed_test(services, domain, response)
        if tested is None:
            raise
        return await _tested(services, tested, {"problem": error.detail})
    request = await _taken(services, domain, answer, brought_by)
    if request is not None and request.tested_by is not None:
        return await _tested(services, request, _finding(answer, domain), domain)
    if not domain.is_verified:
        raise SamlNotConfigured(NOT_CONFIGURED)
    before = request.session_hash if request else None
    opened = await admit(services, _identity(domain, answer), old_token=old_token, old_session=before)
    return Finished(request.come_back_to if request else HOME, opened, was_unasked=request is None)


async def arrive(services: Services, token: str | None, old_token: str | None) -> OpenedSession | None:
    """Return a session that an identity provider has opened unasked, and end the one that the browser had before.

    None for a session that is over. Opens its own transaction.
    """
    if not token:
        return None
    async with services.database.transaction() as db:
        if not await session_is_open(db, token_hash(token)):
            return None
        if old_token and old_token != token:
            await end_session(db, services, token_hash(old_token))
    return session_of(services, token)


async def _domain_of(services: Services, relay_state: str) -> Domain:
    domain_id: UUID | None = uuid_or_none(relay_state.strip())
    if domain_id is None:
        raise SamlInvalid("Authentication request is invalid. Invalid RelayState.")
    async with services.database.transaction(write=False) as db:
        domain = await domain_by_id(db, domain_id)
    if domain is None or not domain.has_saml:
        raise SamlInvalid("Authentication request is invalid. Invalid RelayState.")
    return domain


def _read(services: Services, domain: Domain, response: str) -> SamlAnswer:
    provider = service_provider(services.settings.site_url)
    expected = Expected(
        issuer=domain.saml_entity_id or "",
        audience=provider.entity_id,
        recipient=provider.acs_url,
        now=services.clock.now(),
    )
    return read_response(response, certificates_of(domain.saml_x509_cert or ""), expected)


async def _taken(
    services: Services, domain: Domain, answer: SamlAnswer, brought_by: BroughtBy
) -> PendingRequest | None:
    """Use up the request and the assertion; return None when the identity provider began, where that is allowed."""
    asserted = answer.assertion
    if asserted.in_response_to is None and not domain.saml_allows_idp_initiated:
        raise SamlInvalid(
            "Sign-in must begin at Parley: an identity provider may not begin it for this domain."
        )
    async with services.database.transaction() as db:
        request = None
        if asserted.in_response_to is not None:
            request = await take_request(db, services, domain.id, asserted.in_response_to, brought_by)
        await take_assertion(db, domain.id, asserted)
    if request is not None and request.is_confirmation:
        check_asked_again(asserted.authenticated_at, request.created_at, services.clock.now())
    return request


def _identity(domain: Domain, answer: SamlAnswer) -> ProvenIdentity:
    person = person_of(answer.assertion, domain.domain)
    return ProvenIdentity(
        provider="saml",
        subject=f"{domain.id}:{person.user_id}",
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        domain=domain,
        authenticated_at=answer.assertion.authenticated_at,
    )


async def _claimed_test(services: Services, domain: Domain, response: str) -> PendingRequest | None:
    """Return the test that an answer which can't be believed says it answers; its ID is a secret of who tests."""
    request_id = await asyncio.to_thread(claimed_request, response)
    if not request_id:
        return None
    async with services.database.transaction(write=False) as db:
        found = await pending_request(db, domain.id, request_id, services.clock.now())
    return found if found and found.tested_by is not None else None


async def _tested(
    services: Services, request: PendingRequest, finding: dict[str, object], domain: Domain | None = None
) -> Finished:
    """Keep what a test has found. Whoever comes back as themselves could have signed in, which is the proof for a policy."""
    async with services.database.transaction() as db:
        person = finding.get("person")
        if domain is not None and isinstance(person, dict) and request.tested_by is not None:
            is_tester = await user_id_by_email(db, person["email"]) == request.tested_by
            finding |= {"is_tester": is_tester}
            if is_tester:
                await note_proven_provider(db, domain, "saml")
        await store_finding(db, request.id, finding)
    return Finished(f"{request.come_back_to}?test={request.id}")


def _finding(answer: SamlAnswer, domain: Domain) -> dict[str, object]:
    """Say for a test what came back, and what would be wrong with it."""
    asserted = answer.assertion
    person: SamlPerson | None = None
    problem = None
    try:
        person = person_of(asserted, domain.domain)
    except SamlInvalid as error:
        problem = error.detail
    shown = {
        name[:200]: [value[:200] for value in values[:5]] for name, values in asserted.attributes.items()
    }
    return {
        "problem": problem,
        "person": msgspec.to_builtins(person),
        "name_id": asserted.name_id,
        "name_id_format": asserted.name_id_format[:200],
        "attributes": dict(list(shown.items())[:50]),
        "signer": answer.signer.subject,
    }
