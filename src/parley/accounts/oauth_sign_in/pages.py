"""The two addresses of a sign-in at a provider. Both always redirect a browser."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from parley.accounts.oauth_sign_in.actions.beginning import LASTS, begin_sign_in
from parley.accounts.oauth_sign_in.actions.completing import Callback, Completed, complete_request, failure
from parley.accounts.oauth_sign_in.errors import ProviderFailed
from parley.accounts.sign_in.step_cookies import to_second_step
from parley.accounts.sign_in.ways import CONFIRMING
from parley.accounts.single_sign_on.actions import admit
from parley.accounts.single_sign_on.errors import CodeBeforeLinking, PasswordFirst, SsoFailed
from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.kernel.config.sign_in_providers import PROVIDERS, SignInProvider
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.cookies import SESSION_COOKIE, cookie, cookie_value, session_cookies
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import new_token
from parley.kernel.network.emails import MAX_EMAIL_LENGTH
from parley.kernel.services import Services
from parley.web.guards import local_path, page_public
from parley.web.rendering import redirect

BROWSER_COOKIE = "parley_oauth"
SECRET_LENGTH = 43


@get([f"/login/{name}" for name in PROVIDERS], guards=[page_public], include_in_schema=False)
async def begin_at_provider(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Send the browser to the provider: `next` is where it goes afterwards, `email` a hint for the provider."""
    provider, query = _provider(request, services), request.query_params
    found = cookie_value(request, BROWSER_COOKIE)
    # Two tabs may sign in side by side.
    browser = found if found and len(found) == SECRET_LENGTH else new_token(length=SECRET_LENGTH)
    try:
        url = await begin_sign_in(
            services,
            provider,
            browser=browser,
            address=request.client_address,
            next_path=local_path(query.get("next")),
            email=_hint(query.get("email", "")),
            is_confirmation=CONFIRMING in query,
        )
    except ProviderFailed as error:
        raise failure(provider, error) from error
    kept = cookie(BROWSER_COOKIE, browser, request, lasts_s=int(LASTS.total_seconds()))
    headers = {"Location": url, "Cache-Control": "no-store"}
    return Response(None, status_code=302, headers=headers, media_type="text/plain", cookies=[kept])


@get([f"/complete/{name}" for name in PROVIDERS], guards=[page_public], include_in_schema=False)
async def complete_at_provider(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Sign in whom the provider has sent back, and redirect to where they wanted to go, or ask for a code first."""
    query, provider = request.query_params, _provider(request, services)
    done = await complete_request(
        services,
        provider,
        Callback(query.get("state", ""), query.get("code", ""), query.get("error", ""), query.get("iss")),
        browser=cookie_value(request, BROWSER_COOKIE) or "",
    )
    try:
        opened = await admit(services, done.who, old_token=cookie_value(request, SESSION_COOKIE))
    except TwoFactorRequired as needed:
        once_more = isinstance(needed, CodeBeforeLinking)
        return to_second_step(request, needed, _again(provider, done) if once_more else done.next_path)
    except PasswordFirst as refused:
        refused.next_path = _again(provider, done)
        raise
    return redirect(done.next_path, cookies=session_cookies(request, opened))


def _again(provider: SignInProvider, done: Completed) -> str:
    """Return the path of the same sign-in, for somebody who proves first that the account is theirs."""
    return f"/login/{provider.name}/?{urlencode({'next': done.next_path})}"


def _provider(request: ParleyRequest, services: Services) -> SignInProvider:
    """Return the provider in the path; raises SsoFailed where the server has no credentials of it."""
    name = request.scope["path"].strip("/").split("/")[1]
    provider = services.settings.sign_in_provider(name)
    if provider is None:
        label = PROVIDERS[name].label
        raise SsoFailed(
            "improperly_configured_sso", f"This server is not set up for signing in with {label}."
        )
    return provider


def _hint(email: str) -> str:
    return email if len(email) <= MAX_EMAIL_LENGTH and email.isprintable() and "@" in email else ""


handlers = [begin_at_provider, complete_at_provider]
