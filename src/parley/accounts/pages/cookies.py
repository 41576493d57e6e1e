"""What a browser gets when somebody signs in or out."""

from typing import Any

from litestar import Response

from parley.accounts.actions.sessions import OpenedSession
from parley.kernel.request import ParleyRequest
from parley.web.rendering import cookie, redirect
from parley.web.session import CSRF_COOKIE, SESSION_COOKIE


def enter(request: ParleyRequest, opened: OpenedSession, to: str) -> Response[Any]:
    """Give the browser its session and lead it on."""
    lasts_s = opened.lasts_s
    return redirect(
        to,
        cookies=[
            cookie(SESSION_COOKIE, opened.token, request, lasts_s=lasts_s),
            cookie(CSRF_COOKIE, opened.csrf_token, request, lasts_s=lasts_s, is_hidden=False),
        ],
    )


def leave(request: ParleyRequest, to: str) -> Response[Any]:
    """Take the session out of the browser and lead it on."""
    gone = [cookie(name, "", request, lasts_s=0) for name in (SESSION_COOKIE, CSRF_COOKIE)]
    return redirect(to, cookies=gone)
