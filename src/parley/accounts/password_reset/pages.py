"""Forgotten passwords."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.accounts.domains.enforcement import SignInDoor, door_of
from parley.accounts.domains.errors import SsoEnforced
from parley.accounts.password_reset.actions import ask_for_reset, reset_password
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.body import TRIM
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.network.emails import check_email
from parley.web.error_pages import problem_of
from parley.web.guards import page_public
from parley.web.rendering import page, redirect


class ForgottenForm(msgspec.Struct, frozen=True):
    """Whose password is forgotten."""

    email: Annotated[str, Meta(extra=TRIM)] = ""


class NewPasswordForm(msgspec.Struct, frozen=True):
    """The new password."""

    password: str = ""


class ForgottenPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `password_reset/forgotten.html`; `is_sent` shows what happens next instead of the form.

    `wrong` belongs to the address, `problem` to the whole; `door` is where people of its domain sign in.
    """

    email: str = ""
    is_sent: bool = False
    has_mail_server: bool = True
    wrong: str | None = None
    problem: str | None = None
    door: SignInDoor | None = None


class NewPasswordPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `password_reset/new_password.html`; with `is_over` the link no longer works."""

    path: str
    problem: str | None = None
    is_over: bool = False


@get("/forgotten", guards=[page_public], include_in_schema=False)
async def show_forgotten(request: ParleyRequest) -> Response[Any]:
    """Ask for the address."""
    return page(request, "password_reset/forgotten.html", ForgottenPage())


@post("/forgotten", guards=[page_public], include_in_schema=False)
async def send_reset_link(
    request: ParleyRequest, data: JSONBody[ForgottenForm], services: ServicesDependency
) -> Response[Any]:
    """Send a link if somebody has this address; the page is the same if nobody does."""
    try:
        email = check_email(data.email)
        await ask_for_reset(services, email=email, address=request.client_address)
    except SsoEnforced as error:
        shown = ForgottenPage(email=data.email, door=door_of(error.provider, data.email))
        return page(request, "password_reset/forgotten.html", shown, status=422)
    except Invalid as error:
        shown = ForgottenPage(email=data.email, wrong=error.detail)
        return page(request, "password_reset/forgotten.html", shown, status=422)
    except Throttled as error:
        shown = ForgottenPage(email=data.email, problem=problem_of(error))
        return page(request, "password_reset/forgotten.html", shown, status=429, headers=error.headers)
    has_mail_server = services.settings.smtp_url is not None
    shown = ForgottenPage(email=data.email, is_sent=True, has_mail_server=has_mail_server)
    return page(request, "password_reset/forgotten.html", shown)


@get("/reset/{user_uuid:str}/{token:str}", guards=[page_public], include_in_schema=False)
async def show_new_password(request: ParleyRequest) -> Response[Any]:
    """Ask for a new password; only after that the page says whether the link is valid."""
    return page(request, "password_reset/new_password.html", NewPasswordPage(path=request.scope["path"]))


@post("/reset/{user_uuid:str}/{token:str}", guards=[page_public], include_in_schema=False)
async def set_new_password(
    request: ParleyRequest,
    user_uuid: FromPath[str],
    token: FromPath[str],
    data: JSONBody[NewPasswordForm],
    services: ServicesDependency,
) -> Response[Any]:
    """Set the password and redirect to the sign-in page."""
    try:
        await reset_password(
            services,
            user_uuid=uuid_or_none(user_uuid),
            token=token,
            password=data.password,
            address=request.client_address,
        )
    except (Invalid, Throttled) as error:
        return _refused(request, error)
    return redirect("/login?notice=reset")


def _refused(request: ParleyRequest, error: Invalid | Throttled) -> Response[Any]:
    is_over = isinstance(error, Invalid) and error.attr == "token"
    shown = NewPasswordPage(path=request.scope["path"], problem=problem_of(error), is_over=is_over)
    status = 429 if isinstance(error, Throttled) else 422
    return page(request, "password_reset/new_password.html", shown, status=status, headers=error.headers)


handlers = [show_forgotten, send_reset_link, show_new_password, set_new_password]
