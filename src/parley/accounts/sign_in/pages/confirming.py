"""The page that asks once more who somebody is, and leads back to what they were about to do."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from parley.accounts.sign_in.confirmation import confirm_identity
from parley.accounts.sign_in.schemas import ProofOfIdentity
from parley.accounts.sign_in.ways import WaysIn, ways_in
from parley.accounts.two_factor.rules import is_totp_shaped, plain_code
from parley.accounts.users.queries import credentials_by_id
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.authorization import Principal
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.error_pages import problem_of
from parley.web.guards import CONFIRMATION, HOME, local_path, page_user
from parley.web.rendering import page, redirect


class ConfirmationForm(msgspec.Struct, frozen=True):
    """How somebody proves it, and where they go then."""

    password: str = ""
    next: str = ""


class ConfirmationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `sign_in/confirmation.html`. Whoever has no password signs in once more by one of the `ways`."""

    email: str
    has_two_factor: bool = False
    ways: WaysIn
    next: str = HOME
    problem: str | None = None


@get(CONFIRMATION, guards=[page_user], include_in_schema=False)
async def show_confirmation(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Ask for the password, or for a code."""
    shown = await _confirmation_page(services, principal, local_path(request.query_params.get("next")))
    return page(request, "sign_in/confirmation.html", shown)


async def _confirmation_page(
    services: Services, principal: Principal, to: str, problem: str | None = None
) -> ConfirmationPage:
    async with services.database.transaction(write=False) as db:
        user = await credentials_by_id(db, principal.user_id)
    return ConfirmationPage(
        email=principal.email,
        has_two_factor=user is not None and user.has_two_factor,
        ways=await ways_in(services, principal.email, to, confirming=True),
        next=to,
        problem=problem,
    )


def _proof(typed: str) -> ProofOfIdentity:
    """Read the one field: six digits are no password, so they are a code."""
    is_code = is_totp_shaped(plain_code(typed))
    return ProofOfIdentity(token=typed) if is_code else ProofOfIdentity(password=typed)


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
        proof = _proof(data.password)
        await confirm_identity(services, principal, proof, address=request.client_address)
    except (Invalid, Throttled) as error:
        shown = await _confirmation_page(services, principal, to, problem_of(error))
        status = 429 if isinstance(error, Throttled) else 422
        return page(request, "sign_in/confirmation.html", shown, status=status, headers=error.headers)
    return redirect(to)


handlers: list[Any] = [show_confirmation, confirm]
