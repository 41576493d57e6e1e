"""What a browser gets when somebody signs in or out."""

from typing import Any

from litestar import Response

from parley.accounts.actions.sessions import OpenedSession
from parley.kernel.http.cookies import ended_cookies, session_cookies
from parley.kernel.http.request import ParleyRequest
from parley.web.rendering import redirect


def enter(request: ParleyRequest, opened: OpenedSession, to: str) -> Response[Any]:
    """Give the browser its session and lead it on."""
    return redirect(
        to, cookies=session_cookies(request, opened.token, opened.csrf_token, lasts_s=opened.lasts_s)
    )


def leave(request: ParleyRequest, to: str) -> Response[Any]:
    """Take the session out of the browser and lead it on."""
    return redirect(to, cookies=ended_cookies(request))
