"""Signing in and out."""

from typing import Annotated

import msgspec
from litestar import Response, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.access import CSRF_COOKIE, SESSION_COOKIE
from parley.accounts.actions.sessions import OpenedSession, end_session
from parley.accounts.actions.sign_in import sign_in
from parley.kernel.access import public, session_only
from parley.kernel.body import TRIM
from parley.kernel.dependencies import Caller, Tx, With
from parley.kernel.documented import documented
from parley.kernel.errors import PermissionDenied
from parley.kernel.request import ParleyRequest

ENTRY = documented(errors={403: "Another site's page sent this.", 429: "Too many failures."})


class Login(msgspec.Struct, frozen=True):
    """Who wants to sign in."""

    email: Annotated[str, Meta(min_length=1, max_length=254, extra=TRIM)]
    password: Annotated[str, Meta(min_length=1, max_length=4096)]


class Success(msgspec.Struct, frozen=True):
    """It worked."""

    success: bool = True


def session_cookies(request: ParleyRequest, opened: OpenedSession) -> list[Cookie]:
    """Return the cookies of a session: its token for the server alone, the CSRF token for scripts."""
    is_secure = request.url.scheme == "https"
    return [
        Cookie(
            key=key,
            value=value,
            max_age=opened.lasts_s,
            path="/",
            httponly=key == SESSION_COOKIE,
            secure=is_secure,
            samesite="lax",
        )
        for key, value in ((SESSION_COOKIE, opened.token), (CSRF_COOKIE, opened.csrf_token))
    ]


def ended_cookies() -> list[Cookie]:
    """Return cookies that take both away."""
    return [Cookie(key=key, value="", max_age=0, path="/") for key in (SESSION_COOKIE, CSRF_COOKIE)]


def check_same_site(request: ParleyRequest) -> None:
    """Raise PermissionDenied when another site's page sent this: it could sign people in as somebody else."""
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise PermissionDenied("This request must come from Parley's own pages.")


@post("/api/login", guards=[public], status_code=200, opt=ENTRY)
async def login(data: JSONBody[Login], request: ParleyRequest, services: With) -> Response[Success]:
    """Sign in with address and password; sets the session's cookies. 429 after ten failures."""
    check_same_site(request)
    opened = await sign_in(
        services,
        email=data.email,
        password=data.password,
        address=request.client_address,
        old_token=request.cookies.get(SESSION_COOKIE),
    )
    return Response(Success(), cookies=session_cookies(request, opened))


@post("/api/logout", guards=[session_only], status_code=204)
async def logout(principal: Caller, db: Tx, services: With) -> Response[None]:
    """End the session."""
    assert principal.session_hash is not None  # the guard lets sessions in only
    await end_session(db, services, principal.session_hash)
    return Response(None, status_code=204, cookies=ended_cookies())


handlers = [login, logout]
