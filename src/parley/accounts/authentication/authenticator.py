"""Authentication: keys and sessions to principals, principals and project ids to actors (docs/wire/requests.md#keys).

Principals, projects and rights are cached for a few seconds in this process. A change in any process empties the cache
at once, through the live notices; the seconds bound what a lost notice can cost.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from math import ceil
from typing import Any, TypeVar
from uuid import UUID

from parley.accounts.api_keys.actions import record_use
from parley.accounts.authentication.credentials import IN_HEADER, key_of
from parley.accounts.authentication.queries import (
    principal_by_access_token_hash,
    principal_by_key_hash,
    principal_by_session_hash,
)
from parley.accounts.authentication.rules import (
    check_has_two_factor,
    check_organization_of_key,
    project_number,
)
from parley.accounts.memberships.queries import current_organization_id
from parley.accounts.oauth_server.actions.tokens import record_grant_use
from parley.accounts.oauth_server.rules.prefixes import ACCESS_PREFIX
from parley.accounts.organizations.queries import is_organization
from parley.accounts.projects.queries.projects import (
    project_by_api_token,
    project_by_id,
    project_by_secret_hash,
    project_by_widget_token,
)
from parley.accounts.sessions.actions import note_session_use
from parley.kernel.database.database import Database
from parley.kernel.errors import (
    AuthenticationFailed,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    Throttled,
)
from parley.kernel.http.authorization import (
    ADMIN,
    Actor,
    Connection,
    OrganizationActor,
    Principal,
    Project,
    Rights,
    Shared,
)
from parley.kernel.http.cookies import CSRF_HEADER, SAFE_METHODS, SESSION_COOKIE, cookie_value
from parley.kernel.http.csrf import check_csrf
from parley.kernel.http.shared import has_sharing_token
from parley.kernel.ids import token_hash
from parley.kernel.redis.live import Notice
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit, counted_for

V = TypeVar("V")
RightsOf = Callable[[Database, Project, int], Awaitable[Rights | None]]
"""Finds what a user may do with the tickets of a project that has levels; `main` knows who keeps them."""
SharedByLink = Callable[[Services, Connection], Awaitable[Shared | None]]
"""Finds what the sharing token of a request opens; `main` knows who keeps the links. Nothing of it is cached."""

CACHED_S = 5.0
INVALID_ACCESS_TOKEN = "The access token is unknown or over. Refresh it, or connect the application again."
INVALID_TOKEN = 'Bearer error="invalid_token"'
MOST_CACHED = 10_000
SHARED_READS = Limit("shared-reads", 1200, MINUTE_S)
"""Requests of an address that come by sharing tokens."""
KEY_LIMITS = (Limit("key", 480, MINUTE_S), Limit("key-hour", 4800, HOUR_S))


async def _nothing_shared(_: Services, __: Connection) -> None:
    return None


class CachingAuthenticator:
    """The `Authenticator` of the application."""

    def __init__(
        self, services: Services, rights_of: RightsOf, shared_by_link: SharedByLink = _nothing_shared
    ) -> None:
        self._services = services
        self._shared_by_link = shared_by_link
        self._rights_of = rights_of
        self._cache: dict[tuple[str, Any], tuple[float, Any]] = {}
        self._changes = 0
        services.live.on("accounts", self._invalidate)

    def _invalidate(self, _: Notice) -> None:
        self._cache.clear()
        self._changes += 1

    async def _cached(self, kind: str, key: Any, find: Callable[[], Awaitable[V | None]]) -> V | None:
        """Return what is cached or found; what does not exist is looked up each time."""
        found = self._cache.get((kind, key))
        now = time.monotonic()
        if found is not None and found[0] > now:
            value: V = found[1]
            return value
        changes = self._changes
        fresh = await find()
        # What was read while something changed may be the old state: it serves this request and is not kept.
        if fresh is not None and changes == self._changes:
            if len(self._cache) >= MOST_CACHED:
                self._cache.clear()
            self._cache[kind, key] = (now + CACHED_S, fresh)
        return fresh

    async def principal(self, connection: Connection) -> Principal:
        """Return the caller; the first credentials found are the only ones tried.

        Who comes by a sharing token is let in by `needs_or_shared` alone.
        """
        if has_sharing_token(connection):
            await self.shared(connection)
            raise PermissionDenied
        found = await key_of(connection)
        if found is not None:
            key, place = found
            return await self._key_principal(key, place)
        token = cookie_value(connection, SESSION_COOKIE)
        if token:
            principal = await self.session_principal(token)
            if principal is not None:
                check_has_two_factor(principal, connection.scope["path"])
                if connection.scope["method"] not in SAFE_METHODS:  # type: ignore[typeddict-item]
                    check_csrf(self._services.vault, token, connection.headers.get(CSRF_HEADER, ""))
                return principal
        raise NotAuthenticated

    async def shared(self, connection: Connection) -> Shared:
        """Return what the sharing token of the request opens; raises AuthenticationFailed."""
        scope: Mapping[str, Any] = connection.scope
        if scope["method"] != "GET" or "parley_is_head" in scope:
            raise AuthenticationFailed("Sharing access token can only be used for GET requests.")
        if self._services.settings.limits_public:
            client = connection.scope["client"]
            await self._services.throttles.hit(*counted_for(client[0] if client else "", SHARED_READS))
        found = await self._shared_by_link(self._services, connection)
        if found is None:
            raise AuthenticationFailed("Sharing access token is invalid.")
        return found

    async def _key_principal(self, key: str, place: str) -> Principal:
        hashed = token_hash(key)
        principal = None
        if key.startswith(ACCESS_PREFIX):
            return await self._access_token_principal(hashed, place)
        if key.strip():
            principal = await self._cached("key", hashed, partial(principal_of_key, self._services, hashed))
        if principal is None:
            raise AuthenticationFailed(f"Personal API key found in request {place} is invalid.")
        return principal

    async def _access_token_principal(self, hashed: str, place: str) -> Principal:
        """Return for whom a program speaks. Its token stands in the header, never in a URL (RFC 9700, section 4.3.2)."""
        principal = None
        if place == IN_HEADER:
            find = partial(principal_of_access_token, self._services, hashed)
            principal = await self._cached("access-token", hashed, find)
        if principal is None:
            raise AuthenticationFailed(INVALID_ACCESS_TOKEN, headers={"WWW-Authenticate": INVALID_TOKEN})
        return principal

    async def session_principal(self, token: str) -> Principal | None:
        """Return whose session it is, or None when it is unknown or over."""
        hashed = token_hash(token)
        return await self._cached("session", hashed, partial(principal_of_session, self._services, hashed))

    async def actor(self, principal: Principal, project_id: str) -> Actor:
        """Return the caller inside the project."""
        project = await self.project(project_number(principal, project_id))
        if project is None:
            raise NotFound("Project not found.")
        level = principal.levels.get(project.organization_id)
        if level is None:
            raise PermissionDenied("You don't have access to the project.")
        if principal.is_key:
            if principal.scoped_projects and project.id not in principal.scoped_projects:
                raise PermissionDenied(
                    f"API key does not have access to the requested project: ID {project.id}."
                )
            check_organization_of_key(principal, project.organization_id)
        rights = None
        if project.has_access_controls and level < ADMIN:
            rights = await self._rights(project, principal.user_id)
        return Actor(principal=principal, project=project, level=level, rights=rights)

    async def organization_actor(self, principal: Principal, organization_id: str) -> OrganizationActor:
        """Return the caller inside the organization."""
        found = await self._organization_id(principal, organization_id)
        if found is None:
            raise NotFound("Organization not found.")
        level = principal.levels.get(found)
        if level is None:
            if not await is_organization(self._services.database, found):
                raise NotFound("Organization not found.")
            raise PermissionDenied("You don't have access to the organization.")
        check_organization_of_key(principal, found)
        return OrganizationActor(principal, found, level)

    async def _organization_id(self, principal: Principal, text: str) -> UUID | None:
        if text == "@current":
            return await current_organization_id(self._services.database, principal)
        try:
            return UUID(text) if len(text) == 36 else None
        except ValueError:
            return None

    async def _rights(self, project: Project, user_id: int) -> Rights | None:
        async def find() -> tuple[Rights | None]:
            return (await self._rights_of(self._services.database, project, user_id),)

        found = await self._cached("rights", (project.id, user_id), find)
        return found[0] if found else None

    async def project(self, project_id: int) -> Project | None:
        """Return a project by its id."""
        database = self._services.database
        return await self._cached("project", project_id, partial(project_by_id, database, project_id))

    async def project_by_widget_token(self, token: str) -> Project | None:
        """Return the project that the widget's public token belongs to."""
        database = self._services.database
        return await self._cached("widget", token, partial(project_by_widget_token, database, token))

    async def project_by_api_token(self, token: str) -> Project | None:
        """Return the project that the SDK's public token belongs to."""
        database = self._services.database
        return await self._cached("api", token, partial(project_by_api_token, database, token))

    async def project_by_secret_token(self, token: str) -> Project | None:
        """Return the project that a secret token belongs to. Its hash is looked up, so the time says nothing of it."""
        database, hashed = self._services.database, token_hash(token)
        return await self._cached("secret", hashed, partial(project_by_secret_hash, database, hashed))

    async def throttle(self, connection: Connection, principal: Principal) -> None:
        """Count a key's request, where the settings limit keys (docs/wire/requests.md#limits-of-keys)."""
        if not self._services.settings.limits_keys or principal.key_id is None:
            return
        try:
            counts = await self._services.throttles.hit(*((limit, principal.key_id) for limit in KEY_LIMITS))
        except Throttled as error:
            wait_s = int(error.headers["Retry-After"])
            limit = next(limit for limit in KEY_LIMITS if wait_s <= limit.window_s)
            _add_limit_headers(connection, limit.most, 0, wait_s)
            raise
        tightest = min(counts, key=lambda count: count.limit.most - count.n)
        _add_limit_headers(
            connection, tightest.limit.most, tightest.limit.most - tightest.n, ceil(tightest.ends_in_s)
        )


async def principal_of_key(services: Services, value_hash: str) -> Principal | None:
    """Return whose key it is, or None; note the use, at most once an hour."""
    found = await principal_by_key_hash(services.database, value_hash)
    if found is None:
        return None
    await record_use(services, value_hash, found.last_used_at)
    return found.principal


async def principal_of_access_token(services: Services, token_hash: str) -> Principal | None:
    """Return for whom a program speaks, or None; note the use, at most once an hour."""
    found = await principal_by_access_token_hash(services.database, token_hash, services.clock.now())
    if found is None:
        return None
    await record_grant_use(services, found.grant_id, found.last_used_at)
    return found.principal


async def principal_of_session(services: Services, session_hash: str) -> Principal | None:
    """Return whose session it is, or None; note the use, at most once an hour."""
    found = await principal_by_session_hash(services.database, session_hash, services.clock.now())
    if found is None:
        return None
    await note_session_use(services, session_hash, found.last_used_at)
    return found.principal


def _add_limit_headers(connection: Connection, limit: int, remaining: int, reset_s: int) -> None:
    values = ((b"ratelimit-limit", limit), (b"ratelimit-remaining", remaining), (b"ratelimit-reset", reset_s))
    scope: Any = connection.scope
    scope["parley_headers"] = [(name, str(value).encode()) for name, value in values]
