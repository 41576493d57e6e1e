"""Break-glass for owners, on a page."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.sign_in.recovery import recover
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.body import TRIM
from parley.kernel.http.cookies import SESSION_COOKIE, cookie_value, session_cookies
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.emails import MAX_EMAIL_LENGTH
from parley.web.error_pages import problem_of
from parley.web.guards import page_public
from parley.web.rendering import page, redirect

PATH = "/login/recovery"
DOMAINS = "/settings/domains?notice=break-glass"
"""Where an owner can stop what has locked people out."""


class RecoveryForm(msgspec.Struct, frozen=True):
    """Address, password and recovery code."""

    email: Annotated[str, Meta(extra=TRIM)] = ""
    password: str = ""
    recovery_code: str = ""


class RecoveryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `sign_in/recovery.html`."""

    email: str = ""
    problem: str | None = None


@get(PATH, guards=[page_public], include_in_schema=False)
async def show_recovery(request: ParleyRequest) -> Response[Any]:
    """Show the form, with the address that was typed on the sign-in page."""
    email = request.query_params.get("email", "")[:MAX_EMAIL_LENGTH]
    return page(request, "sign_in/recovery.html", RecoveryPage(email=email))


@post(PATH, guards=[page_public], include_in_schema=False)
async def sign_in_by_recovery(
    request: ParleyRequest, data: JSONBody[RecoveryForm], services: ServicesDependency
) -> Response[Any]:
    """Sign the owner in, or show the form with the error."""
    try:
        opened = await recover(
            services,
            email=data.email,
            password=data.password[:4096],
            recovery_code=data.recovery_code[:100],
            address=request.client_address,
            old_token=cookie_value(request, SESSION_COOKIE),
        )
    except (Invalid, Throttled) as error:
        shown = RecoveryPage(email=data.email, problem=problem_of(error))
        status = 429 if isinstance(error, Throttled) else 422
        return page(request, "sign_in/recovery.html", shown, status=status, headers=error.headers)
    return redirect(DOMAINS, cookies=session_cookies(request, opened))


handlers: list[Any] = [show_recovery, sign_in_by_recovery]
