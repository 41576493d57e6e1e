"""Signing in and out."""

from litestar import Response, post
from litestar.params import JSONBody

from parley.accounts.sign_in.actions import sign_in, sign_out
from parley.accounts.sign_in.schemas import SECOND_STEP, Login, Success
from parley.accounts.sign_in.step_cookies import step_in_cookie
from parley.kernel.dependencies import DbDependency, PrincipalDependency, ServicesDependency
from parley.kernel.http.authorization import public, session_only
from parley.kernel.http.cookies import (
    SESSION_COOKIE,
    check_same_site,
    cookie_value,
    ended_cookies,
    session_cookies,
)
from parley.kernel.http.request import ParleyRequest


@post("/api/login", guards=[public], status_code=200, opt=SECOND_STEP)
async def login(
    data: JSONBody[Login], request: ParleyRequest, services: ServicesDependency
) -> Response[Success]:
    """Sign in with address and password; sets the session's cookies. 429 after ten failures.

    401 with the code `2fa_required` where a code is wanted too: send it to `/api/login/token` from the same browser.
    """
    check_same_site(request)
    with step_in_cookie(request):
        opened = await sign_in(
            services,
            email=data.email,
            password=data.password,
            address=request.client_address,
            old_token=cookie_value(request, SESSION_COOKIE),
        )
    cookies = session_cookies(request, opened)
    return Response(Success(), cookies=cookies)


@post("/api/logout", guards=[session_only], status_code=204)
async def logout(
    request: ParleyRequest, principal: PrincipalDependency, db: DbDependency, services: ServicesDependency
) -> Response[None]:
    """End the session."""
    await sign_out(db, services, principal)
    return Response(None, status_code=204, cookies=ended_cookies(request))


handlers = [login, logout]
