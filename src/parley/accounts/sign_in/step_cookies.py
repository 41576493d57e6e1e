"""The cookie that binds a sign-in which has a further step to the browser that has begun it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import Cookie

from parley.accounts.two_factor.actions.steps import STEP_LASTS
from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.kernel.http.authorization import Connection
from parley.kernel.http.cookies import STEP_COOKIE, cookie
from parley.web.guards import HOME
from parley.web.rendering import redirect

SECOND_STEP = "/login/two-factor"
"""The page that asks for a code."""


def step_cookie(connection: Connection, needed: TwoFactorRequired) -> Cookie:
    """Return the cookie for the browser that has taken the first step."""
    return cookie(STEP_COOKIE, needed.step_token, connection, lasts_s=int(STEP_LASTS.total_seconds()))


def to_second_step(connection: Connection, needed: TwoFactorRequired, to: str = HOME) -> Response[Any]:
    """Lead a browser to the page that asks for a code, and from there to a path of ours."""
    return redirect(f"{SECOND_STEP}?next={quote(to, safe='/')}", cookies=[step_cookie(connection, needed)])


@contextmanager
def step_in_cookie(connection: Connection) -> Iterator[None]:
    """Let the error that asks for a code carry the cookie."""
    try:
        yield
    except TwoFactorRequired as needed:
        needed.headers["Set-Cookie"] = step_cookie(connection, needed).to_header(header="")
        raise
