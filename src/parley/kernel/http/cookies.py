"""Cookies of signed-in people and of forms, and requests that come from pages of other sites."""

from urllib.parse import urlsplit

import msgspec
from litestar.datastructures import Cookie

from parley.kernel.config.settings import Settings
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Connection

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, so that they need no CSRF token."""
CSRF_HEADER = "x-csrftoken"
SESSION_COOKIE, CSRF_COOKIE, FORM_COOKIE = "parley_session", "parley_csrf", "parley_form"
STEP_COOKIE = "parley_step"
"""Binds a sign-in that has a further step, and the challenge of a passkey, to the browser that has begun it."""
PREFIX = "__Host-"
"""Browsers take a cookie of such a name only over https, from this very host, for all of its paths (RFC 6265bis)."""


class OpenedSession(msgspec.Struct, frozen=True):
    """A session just opened, with what its two cookies hold."""

    token: str
    csrf_token: str
    lasts_s: int


def cookie_name(connection: Connection, name: str) -> str:
    """Return what a cookie is called on this site: with the prefix where `PARLEY_SITE_URL` is https."""
    return f"{PREFIX}{name}" if _settings(connection).is_https else name


def cookie_value(connection: Connection, name: str) -> str | None:
    """Return what the browser sent. Without the prefix it may come from anybody who has a neighbouring host."""
    return connection.cookies.get(cookie_name(connection, name))


def cookie(
    name: str, value: str, connection: Connection, *, lasts_s: int | None = None, is_hidden: bool = True
) -> Cookie:
    """Return a cookie of this site; it ends with the browser unless it lasts; `is_hidden` keeps it from scripts."""
    return Cookie(
        key=cookie_name(connection, name),
        value=value,
        path="/",
        httponly=is_hidden,
        samesite="lax",
        secure=_settings(connection).is_https or connection.scope["scheme"] == "https",
        max_age=lasts_s,
    )


def session_cookies(connection: Connection, opened: OpenedSession) -> list[Cookie]:
    """Return the cookies of a session: its token for the server alone, the CSRF token for scripts."""
    return [
        cookie(SESSION_COOKIE, opened.token, connection, lasts_s=opened.lasts_s),
        cookie(CSRF_COOKIE, opened.csrf_token, connection, lasts_s=opened.lasts_s, is_hidden=False),
    ]


def ended_cookies(connection: Connection) -> list[Cookie]:
    """Return cookies that take both away."""
    return session_cookies(connection, OpenedSession("", "", 0))


def check_same_site(connection: Connection) -> None:
    """Raise PermissionDenied when another site's page sent this: it could sign people in as somebody else."""
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if site is None:
        is_ours = origin is None or _is_ours(connection, origin)  # an old browser, or no browser at all
    else:
        is_ours = site in ("same-origin", "none")
    if not is_ours:
        raise PermissionDenied("This request must come from Parley's own pages.")


def _is_ours(connection: Connection, origin: str) -> bool:
    # Hosts are compared and not schemes: a proxy that isn't known to be trusted hides that the browser uses https.
    try:
        host = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    known = connection.headers.get("host", ""), urlsplit(_settings(connection).site_url).netloc
    return bool(host) and host in map(str.lower, known)


def _settings(connection: Connection) -> Settings:
    found: Settings = connection.app.state.services.settings
    return found
