"""The page on which an account gets another address, before anything else: its own belongs to somebody else."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.profile.new_address import set_new_address
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.body import TRIM
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.emails import has_mailbox
from parley.web.error_pages import problem_of
from parley.web.guards import HOME, NEW_ADDRESS, page_recent, page_user
from parley.web.rendering import page, redirect


class NewAddressForm(msgspec.Struct, frozen=True):
    """The address to have."""

    email: Annotated[str, Meta(extra=TRIM)] = ""


class NewAddressPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `profile/new_address.html`."""

    email: str = ""
    problem: str | None = None


@get(NEW_ADDRESS, guards=[page_user], include_in_schema=False)
async def show_new_address(request: ParleyRequest, principal: PrincipalDependency) -> Response[Any]:
    """Ask for an address; whoever has one is led on."""
    if has_mailbox(principal.email):
        return redirect(HOME)
    return page(request, "profile/new_address.html", NewAddressPage())


@post(NEW_ADDRESS, guards=[page_user, page_recent], include_in_schema=False)
async def save_new_address(
    request: ParleyRequest,
    data: JSONBody[NewAddressForm],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store the address, or show the form with what is wrong."""
    try:
        await set_new_address(services, principal, data.email)
    except (Invalid, Throttled) as error:
        shown = NewAddressPage(email=data.email, problem=problem_of(error))
        status = 429 if isinstance(error, Throttled) else 422
        return page(request, "profile/new_address.html", shown, status=status, headers=error.headers)
    return redirect(HOME)


handlers: list[Any] = [show_new_address, save_new_address]
