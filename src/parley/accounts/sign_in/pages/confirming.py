"""The page that asks once more who somebody is, and leads back to what they were about to do."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from parley.accounts.sign_in.confirmation import confirm_identity
from parley.accounts.sign_in.schemas import ProofOfIdentity
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.request import ParleyRequest
from parley.web.error_pages import problem_of
from parley.web.guards import CONFIRMATION, HOME, local_path, page_user
from parley.web.rendering import page, redirect


class ConfirmationForm(msgspec.Struct, frozen=True):
    """How somebody proves it, and where they go then."""

    password: str = ""
    next: str = ""


class ConfirmationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `sign_in/confirmation.html`."""

    email: str
    next: str = HOME
    problem: str | None = None


@get(CONFIRMATION, guards=[page_user], include_in_schema=False)
async def show_confirmation(request: ParleyRequest, principal: PrincipalDependency) -> Response[Any]:
    """Ask for the password."""
    shown = ConfirmationPage(email=principal.email, next=local_path(request.query_params.get("next")))
    return page(request, "sign_in/confirmation.html", shown)


@post(CONFIRMATION, guards=[page_user], include_in_schema=False)
async def confirm(
    request: ParleyRequest,
    data: JSONBody[ConfirmationForm],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Take the proof and lead back, or show what is wrong with it."""
    to = local_path(data.next)
    try:
        await confirm_identity(
            services, principal, ProofOfIdentity(password=data.password), address=request.client_address
        )
    except (Invalid, Throttled) as error:
        shown = ConfirmationPage(email=principal.email, next=to, problem=problem_of(error))
        status = 429 if isinstance(error, Throttled) else 422
        return page(request, "sign_in/confirmation.html", shown, status=status, headers=error.headers)
    return redirect(to)


handlers: list[Any] = [show_confirmation, confirm]
