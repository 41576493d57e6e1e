"""Joining an organization by the link of an invitation."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ExceptionHandlersMap
from msgspec import Meta

from parley.accounts.domains.enforcement import SignInDoor, door_of, enforced_sso
from parley.accounts.domains.errors import SsoEnforced
from parley.accounts.invitations.actions import accept_as, accept_invite, find_invite, has_account
from parley.accounts.invitations.schemas import Signup
from parley.accounts.sign_in.login_throttle import link_throttle
from parley.accounts.sign_in.step_cookies import to_second_step
from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound, Throttled
from parley.kernel.http.body import TRIM
from parley.kernel.http.cookies import session_cookies
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.error_pages import problem_of
from parley.web.guards import HOME, page_public, page_user, signed_in_principal
from parley.web.rendering import page, redirect


class JoinForm(msgspec.Struct, frozen=True):
    """Who joins; somebody with an account gives its password and no name."""

    first_name: Annotated[str, Meta(extra=TRIM)] = ""
    password: str = ""


class JoinPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `invitations/join.html`; `problem` belongs to the field named `at`, or to all of them.

    `door` is where people of the domain of the address sign in. `is_signed_in` says that whoever looks has the address.
    """

    path: str
    organization: str
    invited_by: str | None
    email: str
    has_account: bool | None
    first_name: str = ""
    problem: str | None = None
    at: str | None = None
    door: SignInDoor | None = None
    is_signed_in: bool = False


async def _join_page(request: ParleyRequest, services: Services, token: str) -> JoinPage:
    tried = link_throttle(services, request.client_address)
    async with tried, services.database.transaction(write=False) as db:
        invite = await find_invite(db, services, token)
        known = await has_account(db, invite)
        provider = await enforced_sso(db, services, invite.target_email)
    inviter, viewer = invite.created_by, await signed_in_principal(request)
    return JoinPage(
        path=request.scope["path"],
        organization=invite.organization_name,
        invited_by=inviter.name if inviter else None,
        email=invite.target_email,
        has_account=known,
        door=door_of(provider, invite.target_email) if provider else None,
        is_signed_in=viewer is not None and viewer.email == invite.target_email,
    )


def _link_is_over(request: Any, _: Any) -> Response[Any]:
    return page(request, "invitations/join_over.html", None, status=404)


OVER: ExceptionHandlersMap = {NotFound: _link_is_over}


@get("/signup/{token:str}", guards=[page_public], include_in_schema=False, exception_handlers=OVER)
async def show_invitation(
    request: ParleyRequest, token: FromPath[str], services: ServicesDependency
) -> Response[Any]:
    """Show the invitation; 404 if the link was used or is too old."""
    return page(request, "invitations/join.html", await _join_page(request, services, token))


@post("/signup/{token:str}", guards=[page_public], include_in_schema=False, exception_handlers=OVER)
async def join(
    request: ParleyRequest, token: FromPath[str], data: JSONBody[JoinForm], services: ServicesDependency
) -> Response[Any]:
    """Join and sign in."""
    shown = await _join_page(request, services, token)
    try:
        opened = await accept_invite(
            services, token, Signup(**msgspec.structs.asdict(data)), address=request.client_address
        )
    except TwoFactorRequired as needed:
        return to_second_step(request, needed)
    except SsoEnforced:
        return page(request, "invitations/join.html", shown, status=422)
    except (Invalid, Throttled) as error:
        refused = {"first_name": data.first_name, "problem": _problem(error, shown), "at": error.attr}
        status = 429 if isinstance(error, Throttled) else 422
        return page(
            request, "invitations/join.html", msgspec.structs.replace(shown, **refused), status=status
        )
    return redirect(HOME, cookies=session_cookies(request, opened))


@post("/signup/{token:str}/accept", guards=[page_user], include_in_schema=False, exception_handlers=OVER)
async def join_signed_in(
    request: ParleyRequest, token: FromPath[str], principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Join as who is signed in."""
    await accept_as(services, principal, token, address=request.client_address)
    return redirect(HOME)


def _problem(error: Invalid | Throttled, shown: JoinPage) -> str:
    if error.attr == "first_name" and error.code == "blank" and shown.has_account is None:
        return "Give a name for a new account, or the password of the one that you have."
    return problem_of(error)


handlers = [show_invitation, join, join_signed_in]
