"""Accepting an invitation."""

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.accounts.invitations.actions import accept_as, accept_invite, find_invite, has_account
from parley.accounts.invitations.schemas import Signup, SignupOut
from parley.accounts.sign_in.login_throttle import link_throttle
from parley.accounts.sign_in.schemas import SECOND_STEP, Success
from parley.accounts.sign_in.step_cookies import step_in_cookie
from parley.kernel.dependencies import DbDependency, PrincipalDependency, ServicesDependency
from parley.kernel.http.authorization import public, session_only
from parley.kernel.http.cookies import check_same_site, session_cookies
from parley.kernel.http.request import ParleyRequest

PATH = "/api/signup/{token:str}"


@get(PATH, guards=[public])
async def show_signup(
    token: FromPath[str], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> SignupOut:
    """Show the invitation of a link; 404 if it was used or withdrawn, or has expired."""
    async with link_throttle(services, request.client_address):
        found = await find_invite(db, services, token)
    return SignupOut(
        target_email=found.target_email,
        organization_name=found.organization_name,
        has_account=await has_account(db, found),
    )


@post(PATH, guards=[public], status_code=201, opt=SECOND_STEP)
async def sign_up(
    token: FromPath[str], data: JSONBody[Signup], request: ParleyRequest, services: ServicesDependency
) -> Response[Success]:
    """Join the organization and sign in, with a new account or with the password of an existing one."""
    check_same_site(request)
    with step_in_cookie(request):
        opened = await accept_invite(services, token, data, address=request.client_address)
    cookies = session_cookies(request, opened)
    return Response(Success(), status_code=201, cookies=cookies)


@post(f"{PATH}/accept", guards=[session_only], status_code=200)
async def accept_signed_in(
    token: FromPath[str], request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Success:
    """Join the organization as who is signed in, with the invited address; for people without a password, too."""
    await accept_as(services, principal, token, address=request.client_address)
    return Success()


handlers = [show_signup, sign_up, accept_signed_in]
