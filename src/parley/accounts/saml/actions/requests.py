"""Sending a browser to an identity provider."""

import msgspec
from sqlalchemy import insert

from parley.accounts.domains.queries import Domain, verified_domain_of
from parley.accounts.saml.errors import NOT_CONFIGURED, SamlNotConfigured, domain_may_end
from parley.accounts.saml.queries import LASTS
from parley.accounts.saml.rules.requests import new_request_id, service_provider, sign_on_url
from parley.accounts.saml.tables import saml_request
from parley.kernel.ids import token_hash
from parley.kernel.services import Services


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks to be signed in: the secret in the cookie of the browser, where it goes then, and the session that it has.

    `is_confirmation` says that the session is there, and its holder is to prove once more who they are.
    """

    browser: str
    come_back_to: str
    session_token: str | None = None
    is_confirmation: bool = False
    tested_by: int | None = None


async def begin_sign_in(services: Services, begin: Begin, *, email: str) -> str:
    """Return the URL at the identity provider of this address's domain; raises SamlNotConfigured.

    The answer counts in that browser only. It comes from another site, so it comes without the session's cookie.
    """
    if not email.strip():
        raise SamlNotConfigured("Missing needed parameter email")
    async with services.database.transaction(write=False) as db:
        domain = await verified_domain_of(db, email)
    if domain is None or not domain.has_saml:
        raise SamlNotConfigured(NOT_CONFIGURED)
    return await _begun(services, domain, begin)


async def begin_test(services: Services, domain: Domain, *, browser: str, user_id: int, page: str) -> str:
    """Return the URL for a test of a domain, which may be unverified; raises SamlNotConfigured.

    Nobody is signed in by the answer. It is shown to the user at `page`.
    """
    if not domain.has_saml:
        raise SamlNotConfigured("Fill in all three fields and save them before you test.")
    return await _begun(services, domain, Begin(browser=browser, come_back_to=page, tested_by=user_id))


async def _begun(services: Services, domain: Domain, begin: Begin) -> str:
    request_id, now = new_request_id(), services.clock.now()
    provider, sign_on = service_provider(services.settings.site_url), domain.saml_acs_url or ""
    url = sign_on_url(
        provider,
        sign_on,
        request_id=request_id,
        relay_state=str(domain.id),
        now=now,
        is_confirmation=begin.is_confirmation,
    )
    row = {
        "id": request_id,
        "domain_id": domain.id,
        "browser_hash": token_hash(begin.browser),
        "come_back_to": begin.come_back_to,
        "session_hash": token_hash(begin.session_token) if begin.session_token else None,
        "is_confirmation": begin.is_confirmation,
        "tested_by": begin.tested_by,
        "created_at": now,
        "expires_at": now + LASTS,
    }
    with domain_may_end():
        async with services.database.transaction() as db:
            await db.execute(insert(saml_request).values(**row))
    return url
