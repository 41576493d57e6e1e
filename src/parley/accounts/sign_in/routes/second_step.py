"""The second step of signing in."""

from typing import Any

from litestar import Response, post
from litestar.params import JSONBody

from parley.accounts.sign_in.schemas import ENTRY, Success
from parley.accounts.sign_in.second_step import take_second_step
from parley.accounts.two_factor.schemas import CodeGiven
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.authorization import public
from parley.kernel.http.cookies import (
    SESSION_COOKIE,
    STEP_COOKIE,
    check_same_site,
    cookie,
    cookie_value,
    session_cookies,
)
from parley.kernel.http.request import ParleyRequest


@post("/api/login/token", guards=[public], status_code=200, opt=ENTRY)
async def login_token(
    data: JSONBody[CodeGiven], request: ParleyRequest, services: ServicesDependency
) -> Response[Success]:
    """Go on with a sign-in that answered `2fa_required`, in the same browser: by a code, or a recovery code."""
    check_same_site(request)
    opened = await take_second_step(
        services,
        step_token=cookie_value(request, STEP_COOKIE),
        code=data.token,
        address=request.client_address,
        old_token=cookie_value(request, SESSION_COOKIE),
    )
    over = cookie(STEP_COOKIE, "", request, lasts_s=0)
    return Response(Success(), cookies=[*session_cookies(request, opened), over])


handlers: list[Any] = [login_token]
