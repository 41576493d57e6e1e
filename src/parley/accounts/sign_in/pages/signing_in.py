"""Signing in and out, and the way from `/`."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.domains.errors import SsoEnforced
from parley.accounts.domains.queries import is_sso_in_use
from parley.accounts.sign_in import actions as signing
from parley.accounts.sign_in.failures import failure_shown
from parley.accounts.sign_in.step_cookies import to_second_step
from parley.accounts.sign_in.ways import WaysIn, ways_for_everybody, ways_in
from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.accounts.users.queries import has_user
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.body import TRIM
from parley.kernel.http.cookies import SESSION_COOKIE, cookie_value, ended_cookies, session_cookies
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.error_pages import problem_of
from parley.web.guards import (
    HOME,
    local_path,
    page_public,
    page_user,
    signed_in_principal,
)
from parley.web.rendering import page, redirect

NOTICES = {
    "reset": "Your password is changed. Sign in with the new one.",
    "signed-out": "You are signed out.",
}
CONVERSATION = f"{HOME}/"
GO_ON = "Sign in to see this page. If your session has ended: what you typed in a conversation is kept."


class SignInForm(msgspec.Struct, frozen=True):
    """The sign-in form."""

    email: Annotated[str, Meta(extra=TRIM)] = ""
    password: str = ""
    next: str = ""


class SignInPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `sign_in/sign_in.html`.

    `ways` are those beside a password, or the only one. `needs_password` is false where an address alone may be enough,
    `asks_how` is true where one was sent and did not decide it.
    """

    ways: WaysIn
    needs_password: bool = True
    asks_how: bool = False
    email: str = ""
    next: str = HOME
    problem: str | None = None
    notice: str | None = None


class NoOwnerYet(msgspec.Struct, frozen=True):
    """Context of `sign_in/no_owner_yet.html`."""


async def _page_for(
    request: ParleyRequest, services: Services, data: SignInForm, error: Invalid | Throttled | None
) -> Response[Any]:
    """Show how somebody with this address comes in, and what is wrong with what they did."""
    to = local_path(data.next)
    shown = SignInPage(
        ways=await ways_in(services, data.email, to),
        email=data.email,
        next=to,
        asks_how=error is None,
        problem=None if error is None or isinstance(error, SsoEnforced) else problem_of(error),
    )
    status = 429 if isinstance(error, Throttled) else 200 if error is None else 422
    headers = error.headers if error else None
    return page(request, "sign_in/sign_in.html", shown, status=status, headers=headers)


@get("/", guards=[page_public], include_in_schema=False)
async def show_start(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Redirect to the inbox or to the sign-in page, or say how a new server is set up."""
    if await signed_in_principal(request) is not None:
        return redirect(HOME)
    if await has_user(services.database):
        return redirect("/login")
    return page(request, "sign_in/no_owner_yet.html", NoOwnerYet())


@get("/login", guards=[page_public], include_in_schema=False)
async def show_sign_in(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Show the form, and why single sign-on has failed; a user who is signed in already is redirected."""
    to = local_path(request.query_params.get("next"))
    problem = failure_shown(services.vault, request.query_params)
    if problem is None and await signed_in_principal(request) is not None:
        return redirect(to)
    notice = NOTICES.get(request.query_params.get("notice", "")) or (
        GO_ON if to.startswith(CONVERSATION) else None
    )
    shown = SignInPage(
        ways=ways_for_everybody(services, to),
        needs_password=not await is_sso_in_use(services.database),
        next=to,
        notice=notice,
        problem=problem,
    )
    return page(request, "sign_in/sign_in.html", shown)


@post("/login", guards=[page_public], include_in_schema=False)
async def sign_in(
    request: ParleyRequest, data: JSONBody[SignInForm], services: ServicesDependency
) -> Response[Any]:
    """Sign in, under the same limits as the API, and redirect; or show the form with the error.

    Without a password it says how people of the address's domain come in.
    """
    to = local_path(data.next)
    if data.email and not data.password:
        return await _page_for(request, services, data, None)
    try:
        opened = await signing.sign_in(
            services,
            email=data.email,
            password=data.password,
            address=request.client_address,
            old_token=cookie_value(request, SESSION_COOKIE),
        )
    except TwoFactorRequired as needed:
        return to_second_step(request, needed, to)
    except (Invalid, Throttled) as error:
        return await _page_for(request, services, data, error)
    return redirect(to, cookies=session_cookies(request, opened))


@post("/logout", guards=[page_user], include_in_schema=False)
async def sign_out(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """End the session."""
    async with services.database.transaction() as db:
        await signing.sign_out(db, services, principal)
    return redirect("/login?notice=signed-out", cookies=ended_cookies(request))


handlers = [show_start, show_sign_in, sign_in, sign_out]
