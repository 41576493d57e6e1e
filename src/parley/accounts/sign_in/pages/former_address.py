"""The page on which somebody signs in to an account that has lost its address."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.sign_in.former_address import sign_in_by_former_address
from parley.accounts.sign_in.step_cookies import to_second_step
from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.body import TRIM
from parley.kernel.http.cookies import SESSION_COOKIE, cookie_value, session_cookies
from parley.kernel.http.request import ParleyRequest
from parley.web.error_pages import problem_of
from parley.web.guards import NEW_ADDRESS, page_public
from parley.web.rendering import page, redirect

PATH = "/login/former-address"


class FormerAddressForm(msgspec.Struct, frozen=True):
    """The address that the account had, and its password."""

    email: Annotated[str, Meta(extra=TRIM)] = ""
    password: str = ""


class FormerAddressPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `sign_in/former_address.html`."""

    email: str = ""
    problem: str | None = None


@get(PATH, guards=[page_public], include_in_schema=False)
async def show_former_address(request: ParleyRequest) -> Response[Any]:
    """Show the form."""
    return page(request, "sign_in/former_address.html", FormerAddressPage())


@post(PATH, guards=[page_public], include_in_schema=False)
async def sign_in_with_former_address(
    request: ParleyRequest, data: JSONBody[FormerAddressForm], services: ServicesDependency
) -> Response[Any]:
    """Sign in and lead to where another address is set, or show the form with the error."""
    given = {"email": data.email, "password": data.password[:4096], "address": request.client_address}
    try:
        opened = await sign_in_by_former_address(
            services, **given, old_token=cookie_value(request, SESSION_COOKIE)
        )
    except TwoFactorRequired as needed:
        return to_second_step(request, needed, NEW_ADDRESS)
    except (Invalid, Throttled) as error:
        shown = FormerAddressPage(email=data.email, problem=problem_of(error))
        status = 429 if isinstance(error, Throttled) else 422
        return page(request, "sign_in/former_address.html", shown, status=status, headers=error.headers)
    return redirect(NEW_ADDRESS, cookies=session_cookies(request, opened))


handlers: list[Any] = [show_former_address, sign_in_with_former_address]
