"""Who is calling, and the guards that routes name: `needs(scope)`, `session_only`, `signed_in`, `public`.

How credentials are checked is the accounts' business: `main` puts their `Authenticator` into the application's state.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from parley.kernel.errors import AppError, PermissionDenied

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]

MEMBER, ADMIN, OWNER = 1, 8, 15
INSUFFICIENT_LEVEL = "Your organization access level is insufficient."
AccessLevel = Literal["none", "viewer", "editor", "manager"]


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A known caller, before any project is looked at.

    `scopes` is None for a session, which may do whatever its user may. `levels` maps the organizations that the user
    is in, and that the key covers, to the user's level there (1 member, 8 admin, 15 owner).
    """

    user_id: int
    user_uuid: UUID
    email: str
    name: str
    levels: dict[UUID, int]
    current_project_id: int | None
    key_id: str | None = None
    key_label: str = ""
    application_id: str | None = None  # of an OAuth application; `key_id` is its grant then
    scopes: frozenset[str] | None = None
    scoped_projects: frozenset[int] = frozenset()
    scoped_organizations: frozenset[UUID] = frozenset()
    keyless_organizations: dict[UUID, str] = {}  # those (with their names) that forbid keys to their members
    session_hash: str | None = None
    authenticated_at: datetime | None = None  # when the user of a session last proved who they are
    needs_two_factor: bool = False  # an organization of theirs wants a second factor, and they have none
    distinct_id: str = ""  # as whom events know the user
    theme_mode: str | None = None  # light or dark, where the user has chosen one

    @property
    def is_key(self) -> bool:
        return self.key_id is not None

    @property
    def is_unlimited(self) -> bool:
        """Say whether the caller may do whatever the user may."""
        return self.scopes is None or "*" in self.scopes

    @property
    def closed_organizations(self) -> frozenset[UUID]:
        """The organizations that forbid keys to their members, where the caller is a key of one of these."""
        if not self.is_key:
            return frozenset()
        return frozenset(one for one in self.keyless_organizations if self.levels.get(one, 0) < ADMIN)

    def has(self, scope: str) -> bool:
        """Say whether the scope is granted; `x:write` grants `x:read` and `*` everything."""
        if self.scopes is None or self.is_unlimited or scope in self.scopes:
            return True
        thing, _, action = scope.partition(":")
        return action == "read" and f"{thing}:write" in self.scopes


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project as requests need it; `settings` are its `conversations_settings`."""

    id: int
    organization_id: UUID
    name: str
    timezone: str
    conversations_enabled: bool
    settings: dict[str, Any]
    api_token: str
    widget_token: str | None
    has_webhooks: bool = False  # is anybody told of what happens here; up to some seconds old
    has_access_controls: bool = False  # may members have different levels; up to some seconds old
    recording_settings: dict[str, Any] | None = None


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What a member may do with the tickets of a project in which somebody has set levels.

    `level` holds for every ticket but those with a row of their own for this member. `has_exceptions` says whether there
    are such tickets; where the level is none, whether any of them is open to the member.
    """

    level: AccessLevel
    membership_id: UUID
    role_ids: tuple[UUID, ...] = ()
    has_exceptions: bool = False


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A caller inside one project. `rights` is None for admins, and for everybody where nobody has set a level."""

    principal: Principal
    project: Project
    level: int
    rights: Rights | None = None

    @property
    def project_id(self) -> int:
        return self.project.id

    @property
    def user_id(self) -> int:
        return self.principal.user_id

    @property
    def is_admin(self) -> bool:
        return self.level >= ADMIN


class OrganizationActor(msgspec.Struct, frozen=True):
    """A caller inside one organization."""

    principal: Principal
    organization_id: UUID
    level: int


class Shared(msgspec.Struct, frozen=True):
    """The one thing that a sharing token opens."""

    project_id: int
    kind: str
    id: str


class Authenticator(Protocol):
    """What `main` provides under `app.state.authenticator`."""

    async def shared(self, connection: Connection) -> Shared:
        """Return what the sharing token of the request opens; raises AuthenticationFailed."""
        ...

    async def principal(self, connection: Connection) -> Principal:
        """Return the caller; raises NotAuthenticated or AuthenticationFailed."""
        ...

    async def actor(self, principal: Principal, project_id: str) -> Actor:
        """Return the caller inside the project named in the path; raises NotFound or PermissionDenied."""
        ...

    async def organization_actor(self, principal: Principal, organization_id: str) -> OrganizationActor:
        """Return the caller inside the organization named in the path; raises NotFound or PermissionDenied."""
        ...

    async def throttle(self, connection: Connection, principal: Principal) -> None:
        """Count the request against the caller's rate limits; raises Throttled."""
        ...


Admitted = Literal["scope", "session", "any", "public"]


def needs(scope: str, *alternatives: str) -> Guard:
    """Let in callers that hold the scope (or one of the alternatives), and, on project routes, who may see the project."""
    scopes = (scope, *alternatives)

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        principal = await _principal(connection)
        if not any(principal.has(wanted) for wanted in scopes):
            raise PermissionDenied(f"API key missing required scope '{scope}'")
        await _enter(connection, principal)

    return _marked(guard, "scope", scopes)


def needs_in_named_project(scope: str) -> Guard:
    """Let in callers that hold the scope, where the request itself names its project: the handler calls `actor_in`."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        principal = await _principal(connection)
        if not principal.has(scope):
            raise PermissionDenied(f"API key missing required scope '{scope}'")
        connection.scope["state"]["principal"] = principal

    return _marked(guard, "scope", (scope,))


async def actor_in(connection: Connection, project_id: str | None) -> Actor:
    """Return the caller inside the project that the request names, or the one they work in; raises as `needs` does."""
    state = connection.scope["state"]
    authenticator: Authenticator = connection.app.state.authenticator
    actor = await authenticator.actor(state["principal"], project_id or "@current")
    state["actor"] = actor
    return actor


def and_needs(scope: str) -> Guard:
    """Ask for one more scope; stands behind the guard that says who is admitted."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        principal: Principal = connection.scope["state"]["principal"]
        if not principal.has(scope):
            raise PermissionDenied(f"API key missing required scope '{scope}'")

    return guard


def _marked(guard: Guard, admits: Admitted, scopes: tuple[str, ...] = ()) -> Guard:
    guard.admits = admits  # type: ignore[attr-defined]  # read by the generated page of routes
    guard.scopes = scopes  # type: ignore[attr-defined]
    return guard


async def _session_only(connection: Connection, _: BaseRouteHandler) -> None:
    principal = await _principal(connection)
    if principal.is_key:
        raise PermissionDenied("This action does not support Personal API Key access")
    await _enter(connection, principal)


async def _signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    connection.state.principal = await _principal(connection)


async def _public(connection: Connection, _: BaseRouteHandler) -> None:
    return None


session_only = _marked(_session_only, "session")
"""Let in signed-in people, never keys."""
signed_in = _marked(_signed_in, "any")
"""Let in every known caller, whatever the scopes and limits of the key."""
public = _marked(_public, "public")
"""Let in everybody; the route checks for itself whatever it must."""


RECENT = timedelta(hours=2)
"""For so long after signing in, or proving it once more, somebody may do what is sensitive. No proof lies farther ahead."""


class ReauthenticationNeeded(PermissionDenied):
    """The session is too old for something sensitive: its user proves once more who they are, and does it again."""

    code = "sensitive_action_required_reauth"
    default_detail = "This action requires you to be recently authenticated."


def is_recently_authenticated(principal: Principal, now: datetime) -> bool:
    """Say whether the caller may do something sensitive: a key always may, a session within two hours of its proof."""
    since = principal.authenticated_at
    return principal.session_hash is None or (since is not None and abs(now - since) <= RECENT)


def check_recently_authenticated(principal: Principal, now: datetime) -> None:
    """Raise ReauthenticationNeeded; for handlers that find out by themselves that something sensitive is wanted."""
    if not is_recently_authenticated(principal, now):
        raise ReauthenticationNeeded


async def recently_authenticated(connection: Connection, _: BaseRouteHandler) -> None:
    """Let in whoever has proved lately who they are; stands behind the guard that knows the caller."""
    now = connection.app.state.services.clock.now()
    check_recently_authenticated(connection.scope["state"]["principal"], now)


async def let_in_again(connection: Connection, actor: Actor, scope: str) -> Actor | None:
    """Return who a long answer goes to, as they may do things by now; None once they would not be let in any more."""
    authenticator: Authenticator = connection.app.state.authenticator
    try:
        principal = await authenticator.principal(connection)
        # By its number: what is current may be another one by now.
        return await authenticator.actor(principal, str(actor.project_id)) if principal.has(scope) else None
    except AppError:
        return None


async def _principal(connection: Connection) -> Principal:
    authenticator: Authenticator = connection.app.state.authenticator
    principal = await authenticator.principal(connection)
    await authenticator.throttle(connection, principal)
    return principal


async def _enter(connection: Connection, principal: Principal) -> None:
    # `connection.state` would wrap this dictionary anew each time.
    state = connection.scope["state"]
    state["principal"] = principal
    project_id = connection.path_params.get("project_id")
    if project_id is not None:
        authenticator: Authenticator = connection.app.state.authenticator
        state["actor"] = await authenticator.actor(principal, project_id)
    elif principal.scoped_projects and principal.is_key:
        raise PermissionDenied("API keys with scoped projects are only supported on project-based endpoints.")
