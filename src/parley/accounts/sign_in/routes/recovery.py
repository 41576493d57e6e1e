"""Break-glass for owners."""

from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.sign_in.recovery import recover
from parley.accounts.sign_in.schemas import ENTRY, Login, Success
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.authorization import public
from parley.kernel.http.cookies import SESSION_COOKIE, check_same_site, cookie_value, session_cookies
from parley.kernel.http.request import ParleyRequest


class Recovery(Login, frozen=True):
    """An owner who can't use single sign-on."""

    recovery_code: Annotated[str, Meta(min_length=1, max_length=100)]


@post("/api/login/recovery", guards=[public], status_code=200, opt=ENTRY)
async def login_recovery(
    data: JSONBody[Recovery], request: ParleyRequest, services: ServicesDependency
) -> Response[Success]:
    """Sign an owner in by password and recovery code, also under enforced single sign-on. Every owner is told."""
    check_same_site(request)
    opened = await recover(
        services,
        **msgspec.structs.asdict(data),
        address=request.client_address,
        old_token=cookie_value(request, SESSION_COOKIE),
    )
    return Response(Success(), cookies=session_cookies(request, opened))


handlers: list[Any] = [login_recovery]
