"""The cookie that ties a sign-in to the browser in which it began.

Without it somebody could let others bring an answer of theirs, so that these work in the wrong account. The identity
provider's page sends the answer from another site, and only a cookie with `SameSite=None` travels with that, which
takes https.
"""

from litestar.datastructures import Cookie

from parley.kernel.http.authorization import Connection
from parley.kernel.http.cookies import cookie_name, cookie_value
from parley.kernel.ids import new_token

NAME = "parley_saml"
LENGTH = 43
ARRIVAL, ARRIVAL_LASTS_S = "parley_arrival", 60
"""Carries a session from the answer of an identity provider to the next request, which has the session before it, too."""


def browser_secret(connection: Connection) -> str:
    """Return the secret of this browser: the one it has, so that two tabs may sign in at once, or a new one."""
    found = sent_secret(connection)
    return found if found and len(found) == LENGTH else new_token(length=LENGTH)


def sent_secret(connection: Connection) -> str | None:
    """Return what the browser sent."""
    return cookie_value(connection, NAME)


def browser_cookie(connection: Connection, secret: str, *, is_https: bool, lasts_s: int) -> Cookie:
    """Return the cookie with the secret."""
    return Cookie(
        key=cookie_name(connection, NAME),
        value=secret,
        path="/",
        httponly=True,
        samesite="none" if is_https else "lax",
        secure=is_https,
        max_age=lasts_s,
    )
