"""Signing in by SAML as browsers do it, and this site's metadata for identity providers."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.saml.actions.answers import HOME, Finished, arrive, finish_sign_in
from parley.accounts.saml.actions.requests import Begin, begin_sign_in
from parley.accounts.saml.actions.taking import BroughtBy
from parley.accounts.saml.browser_cookie import (
    ARRIVAL,
    ARRIVAL_LASTS_S,
    browser_cookie,
    browser_secret,
    sent_secret,
)
from parley.accounts.saml.errors import SamlInvalid, SamlNotConfigured
from parley.accounts.saml.queries import LASTS
from parley.accounts.saml.rules.requests import metadata_of, service_provider
from parley.accounts.sign_in.ways import CONFIRMING
from parley.accounts.single_sign_on.errors import SsoFailed
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import PermissionDenied, Throttled
from parley.kernel.http.authorization import ADMIN, needs, public
from parley.kernel.http.cookies import SESSION_COOKIE, cookie, cookie_value, session_cookies
from parley.kernel.http.organizations import in_current_organization, organization_actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, documented
from parley.kernel.throttle import MINUTE_S, Limit, per_address
from parley.web.guards import local_path

MOST_BYTES = 256 * 1024
"""An answer with many attributes, in base64 and then percent-encoded."""
STARTS = Limit("saml-start", 300, MINUTE_S)
ANSWERS = Limit("saml-answer", 300, MINUTE_S)
"""Each is a sign-in of somebody; many people of a company come from one address."""
ARRIVING = "/complete/saml/arrival"
METADATA_TYPE = "application/samlmetadata+xml"
METADATA = documented(answers={200: DocumentedAnswer("The metadata.", (str,), text_type=METADATA_TYPE)})
ADMINS_ONLY = "You need to be an administrator or owner to access this resource."


class PostedAnswer(msgspec.Struct, frozen=True):
    """What the page of an identity provider posts."""

    saml_response: Annotated[str, Meta(max_length=MOST_BYTES)] = msgspec.field(
        name="SAMLResponse", default=""
    )
    relay_state: Annotated[str, Meta(max_length=500)] = msgspec.field(name="RelayState", default="")


@get(
    "/api/saml/metadata",
    guards=[needs("organization:read"), in_current_organization],
    media_type=METADATA_TYPE,
    opt=METADATA,
)
async def show_saml_metadata(request: ParleyRequest, services: ServicesDependency) -> Response[bytes]:
    """Show the metadata of this site as a SAML service provider, as XML; for admins."""
    if organization_actor(request).level < ADMIN:
        raise PermissionDenied(ADMINS_ONLY)
    found = metadata_of(service_provider(services.settings.site_url))
    return Response(found, media_type=METADATA_TYPE)


@get("/login/saml", guards=[public, per_address(STARTS)], include_in_schema=False)
async def start_saml(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Redirect to the identity provider of an address's domain."""
    secret, query = browser_secret(request), request.query_params
    try:
        url = await begin_sign_in(
            services,
            Begin(
                browser=secret,
                come_back_to=local_path(query.get("next")),
                session_token=cookie_value(request, SESSION_COOKIE),
                is_confirmation=CONFIRMING in query,
            ),
            email=query.get("email", "")[:1000],
        )
    except SamlNotConfigured as error:
        raise SsoFailed("saml_not_configured", error.detail) from error
    cookie = browser_cookie(
        request, secret, is_https=services.settings.is_https, lasts_s=int(LASTS.total_seconds())
    )
    return _found(url, [cookie])


@post(
    "/complete/saml",
    guards=[public, per_address(ANSWERS)],
    include_in_schema=False,
    request_max_body_size=MOST_BYTES,
)
async def finish_saml(
    request: ParleyRequest, data: JSONBody[PostedAnswer], services: ServicesDependency
) -> Response[Any]:
    """Sign in whom the answer of an identity provider proves. The page that posts it is on another site."""
    brought_by = BroughtBy(request.client_address, sent_secret(request), services.settings.is_https)
    try:
        finished = await finish_sign_in(
            services,
            response=data.saml_response,
            relay_state=data.relay_state,
            brought_by=brought_by,
            old_token=cookie_value(request, SESSION_COOKIE),
        )
    except SamlInvalid as error:
        raise SsoFailed("saml_invalid", error.detail) from error
    except SamlNotConfigured as error:
        raise SsoFailed("saml_not_configured", error.detail) from error
    except Throttled as error:
        raise SsoFailed("saml_invalid", "Too many people sign in at once. Try again in a moment.") from error
    return _finished(request, finished)


def _finished(request: ParleyRequest, finished: Finished) -> Response[Any]:
    if finished.opened is None:
        return _found(finished.to, [])
    if finished.was_unasked:
        carried = cookie(ARRIVAL, finished.opened.token, request, lasts_s=ARRIVAL_LASTS_S)
        return _found(ARRIVING, [carried])
    return _found(finished.to, session_cookies(request, finished.opened))


@get(ARRIVING, guards=[public, per_address(ANSWERS)], include_in_schema=False)
async def arrive_by_saml(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Give the browser the session that the identity provider has opened, in place of the one that it had.

    Browsers send no cookie of a session along with what another site posts, but with the redirect after that they do.
    """
    sent = cookie_value(request, ARRIVAL), cookie_value(request, SESSION_COOKIE)
    opened = await arrive(services, *sent)
    over = cookie(ARRIVAL, "", request, lasts_s=0)
    if opened is None:
        return _found(HOME, [over])
    return _found(HOME, [*session_cookies(request, opened), over])


def _found(url: str, cookies: list[Any]) -> Response[Any]:
    headers = {"Location": url, "Cache-Control": "no-store"}
    return Response(None, status_code=302, headers=headers, cookies=cookies, media_type="text/plain")


handlers: list[Any] = [show_saml_metadata, start_saml, finish_saml, arrive_by_saml]
