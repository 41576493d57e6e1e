"""The guards of pages, and the CSRF token that every form carries.

A page without a session leads to the sign-in page. A form proves that it came from a page of ours by a field that is
signed over a cookie: the session's, or, before there is one, a random cookie made for the form.
"""

from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from litestar.handlers import BaseRouteHandler

from parley.kernel.errors import AppError, NotFound, PermissionDenied
from parley.kernel.http.authorization import (
    Actor,
    Connection,
    Principal,
    Project,
    is_recently_authenticated,
)
from parley.kernel.http.body import parse
from parley.kernel.http.cookies import (
    CSRF_HEADER,
    FORM_COOKIE,
    SAFE_METHODS,
    SESSION_COOKIE,
    check_same_site,
    cookie_value,
)
from parley.kernel.http.csrf import check_csrf
from parley.kernel.network.emails import has_mailbox
from parley.kernel.throttle import pages_counted

CSRF_FIELD = "csrf_token"
STREAMS_FORM = "streams_form"
"""In `opt` of a page that reads its multipart form piece by piece."""
HOME = "/inbox"
CONFIRMATION = "/login/confirm"
NEW_ADDRESS = "/settings/address"
BEFORE_ADDRESS = (NEW_ADDRESS, CONFIRMATION, "/logout")
"""Pages of people who must set another address before anything else, since their own went to another account."""
BEFORE_TWO_FACTOR = ("/settings/security", CONFIRMATION, "/logout")
"""Pages of people who must set up a second factor before anything else."""
LONGEST_PATH = 2000


class PageAuthenticator(Protocol):
    """What pages need of the application's authenticator."""

    async def session_principal(self, token: str) -> Principal | None: ...
    async def actor(self, principal: Principal, project_id: str) -> Actor: ...
    async def project(self, project_id: int) -> Project | None: ...


class SignInNeeded(AppError):
    """Nobody is signed in; redirects a browser to the sign-in page and from there back."""

    status, type, code = 303, "authentication_error", "not_authenticated"

    def __init__(self, come_back_to: str) -> None:
        super().__init__(
            "Please sign in.", headers={"Location": f"/login?next={quote(come_back_to, safe='/')}"}
        )


class SignInNeededForPart(AppError):
    """The same for a request of a script, which must load the sign-in page as a whole."""

    status, type, code = 401, "authentication_error", "not_authenticated"

    def __init__(self) -> None:
        super().__init__("Please sign in.", headers={"HX-Refresh": "true"})


class ConfirmationNeeded(AppError):
    """The session is too old for something sensitive; a browser is led to prove who it is, and back to its form."""

    status, type, code = 303, "permission_error", "sensitive_action_required_reauth"

    def __init__(self, come_back_to: str) -> None:
        location = f"{CONFIRMATION}?next={quote(come_back_to, safe='/')}"
        super().__init__("Please confirm that it is you.", headers={"Location": location})


class ConfirmationNeededForPart(ConfirmationNeeded):
    """The same for a request of a script: the page as a whole goes there."""

    status = 403

    def __init__(self, come_back_to: str) -> None:
        super().__init__(come_back_to)
        self.headers = {"HX-Redirect": self.headers["Location"]}


class TwoFactorSetupNeeded(AppError):
    """An organization of the user wants a second factor, and the user has none; redirects to where it is set up."""

    status, type, code = 303, "permission_error", "two_factor_setup_required"

    def __init__(self) -> None:
        super().__init__("2FA setup required", headers={"Location": "/settings/security?notice=required"})


class TwoFactorSetupNeededForPart(TwoFactorSetupNeeded):
    """The same for a request of a script: the page as a whole goes there."""

    status = 403

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"HX-Redirect": self.headers["Location"]}


class NewAddressNeeded(AppError):
    """The account has lost its address; redirects to where another one is set."""

    status, type, code = 303, "permission_error", "new_address_required"

    def __init__(self) -> None:
        super().__init__("Your account needs another address.", headers={"Location": NEW_ADDRESS})


class NewAddressNeededForPart(NewAddressNeeded):
    """The same for a request of a script: the page as a whole goes there."""

    status = 403

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"HX-Redirect": self.headers["Location"]}


class NoProject(AppError):
    """The user has no project, or it was deleted; redirects to a page where they can choose one."""

    status, type, code = 303, "authentication_error", "no_project"

    def __init__(self) -> None:
        super().__init__(
            "There is no project to work in.", headers={"Location": "/settings/account?notice=no-project"}
        )


class NoProjectForPart(NoProject):
    """The same for a request of a script: the page as a whole goes where a project can be chosen."""

    status = 403

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"HX-Redirect": self.headers["Location"]}


class FormOutOfDate(PermissionDenied):
    """A form without the right token: from another site, or from before somebody signed in or out."""

    code = "form_out_of_date"
    default_detail = "This form is out of date. Go back, load the page again and repeat what you did."


def authenticator_of(connection: Connection) -> PageAuthenticator:
    """Return the application's authenticator."""
    found: PageAuthenticator = connection.app.state.authenticator
    return found


def is_htmx(connection: Connection) -> bool:
    """Say whether a script asks for a part of a page."""
    return connection.headers.get("hx-request") == "true"


def local_path(text: str | None, default: str = HOME) -> str:
    """Return a path on this very site; whatever could lead elsewhere becomes the default."""
    if not text or len(text) > LONGEST_PATH or not text.isprintable():
        return default
    if not text.startswith("/") or text[1:2] in ("/", "\\"):
        return default
    try:
        parts = urlsplit(text)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc or "\\" in text else text


async def signed_in_principal(connection: Connection) -> Principal | None:
    """Return whose session the cookie belongs to, or None."""
    token = cookie_value(connection, SESSION_COOKIE)
    return await authenticator_of(connection).session_principal(token) if token else None


async def check_form(connection: Connection, handler: BaseRouteHandler | None = None) -> None:
    """Raise FormOutOfDate when a request that changes something lacks the token of its form.

    Raises PermissionDenied when it comes from another site, whatever token it has. Where the page reads a multipart form
    by itself, piece by piece, it must check the token that stands in front of everything else (`check_token`).
    """
    scope: Any = connection.scope
    if scope["method"] in SAFE_METHODS:
        return
    check_same_site(connection)
    is_multipart = connection.headers.get("content-type", "").startswith("multipart/")
    if handler is not None and is_multipart and handler.opt.get(STREAMS_FORM):
        return
    check_token(connection, connection.headers.get(CSRF_HEADER) or await _token_in_form(connection))


def check_token(connection: Connection, given: str) -> None:
    """Raise FormOutOfDate unless this is the token of a form that this browser was given."""
    seed = form_seed(connection)
    try:
        check_csrf(connection.app.state.services.vault, seed or "", given if seed else "")
    except PermissionDenied as error:
        raise FormOutOfDate from error


async def _token_in_form(connection: Any) -> str:
    fields = parse(await connection.body(), connection.headers.get("content-type", ""))
    found = fields.get(CSRF_FIELD)
    return found if isinstance(found, str) else ""


def form_seed(connection: Connection) -> str | None:
    """Return the cookie over which the forms of this browser are signed, if it has one."""
    return cookie_value(connection, SESSION_COOKIE) or cookie_value(connection, FORM_COOKIE)


def _come_back_to(connection: Connection) -> str:
    scope: Any = connection.scope
    if scope["method"] not in SAFE_METHODS:
        return page_of_form(connection)
    query = scope["query_string"].decode("latin-1")
    return local_path(scope["path"] + (f"?{query}" if query else ""))


async def _page_user(connection: Connection, handler: BaseRouteHandler) -> None:
    principal = await signed_in_principal(connection)
    if principal is None:
        raise SignInNeededForPart if is_htmx(connection) else SignInNeeded(_come_back_to(connection))
    await check_form(connection, handler)
    if not has_mailbox(principal.email):
        if not connection.scope["path"].startswith(BEFORE_ADDRESS):
            raise NewAddressNeededForPart if is_htmx(connection) else NewAddressNeeded
    elif principal.needs_two_factor and not connection.scope["path"].startswith(BEFORE_TWO_FACTOR):
        raise TwoFactorSetupNeededForPart if is_htmx(connection) else TwoFactorSetupNeeded
    connection.state.principal = principal
    try:
        connection.state.actor = await authenticator_of(connection).actor(principal, "@current")
    except (NotFound, PermissionDenied):
        connection.state.actor = None


async def _page_session(connection: Connection, handler: BaseRouteHandler) -> None:
    await _page_user(connection, handler)
    if connection.state.actor is None:
        raise NoProjectForPart if is_htmx(connection) else NoProject


async def _page_recent(connection: Connection, _: BaseRouteHandler) -> None:
    now = connection.app.state.services.clock.now()
    if not is_recently_authenticated(connection.state.principal, now):
        needed = ConfirmationNeededForPart if is_htmx(connection) else ConfirmationNeeded
        is_form = connection.scope["method"] not in SAFE_METHODS  # type: ignore[typeddict-item]
        raise needed(page_of_form(connection) if is_form else _come_back_to(connection))


def page_of_form(connection: Connection, default: str = HOME) -> str:
    """Return the page of ours on which a form was sent off: `Referrer-Policy` lets browsers say it to ourselves."""
    try:
        page = urlsplit(connection.headers.get("referer", ""))
    except ValueError:
        return default
    return local_path(page.path + (f"?{page.query}" if page.query else ""), default)


async def _page_public(connection: Connection, handler: BaseRouteHandler) -> None:
    await pages_counted(connection, handler)
    await check_form(connection)


def _marked(guard: Any, admits: str) -> Any:
    guard.admits = admits  # read by the generated page of routes
    guard.scopes = ()
    return guard


page_session = _marked(_page_session, "page")
"""Let in signed-in people, inside their current project."""
page_user = _marked(_page_user, "page")
"""Let in signed-in people, whether they have a project or not."""
page_recent = _page_recent
"""Let in whoever has proved lately who they are; stands behind `page_user` or `page_session`."""
page_public = _marked(_page_public, "public page")
"""Let in everybody; forms must still be our own."""
