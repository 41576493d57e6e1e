"""From a key or a session to its principal: one statement each, without a transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Table, bindparam, func, select

from parley.accounts.api_keys.rules import covered_organizations
from parley.accounts.api_keys.tables import personal_api_key
from parley.accounts.authentication.rules import BY_PASSWORD
from parley.accounts.memberships.tables import membership
from parley.accounts.oauth_server.rules.coverage import covered_by_grant
from parley.accounts.oauth_server.rules.lifetimes import ACCESS_TOKEN, SKEW
from parley.accounts.oauth_server.tables import oauth_application, oauth_grant, oauth_token
from parley.accounts.organizations.tables import organization
from parley.accounts.projects.tables import project
from parley.accounts.sessions.tables import session
from parley.accounts.users.rules import full_name
from parley.accounts.users.tables import user_account
from parley.kernel.database.columns import UtcDateTime
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.http.authorization import Principal


class CredentialUse(msgspec.Struct, frozen=True):
    """The principal of a key or session, with what is needed to note its use."""

    principal: Principal
    last_used_at: datetime | None


def _current_project() -> ColumnElement[int]:
    """The project that the user works in; where none is set, the first they can see, at best where they work."""
    mine = membership.alias("mine")
    visible = (
        select(func.min(project.c.id))
        .select_from(project.join(mine, mine.c.organization_id == project.c.organization_id))
        .where(mine.c.user_id == user_account.c.id)
        .correlate(user_account)
    )
    nearest = visible.where(project.c.organization_id == user_account.c.current_organization_id)
    return func.coalesce(
        user_account.c.current_project_id, nearest.scalar_subquery(), visible.scalar_subquery()
    )


class _User(msgspec.Struct, frozen=True):
    id: int
    uuid: UUID
    distinct_id: str
    theme_mode: str | None
    email: str
    first_name: str
    last_name: str
    current_project_id: int | None
    two_factor_at: datetime | None


class _Membership(msgspec.Struct, frozen=True):
    organization_id: UUID
    organization_name: str
    level: int
    joined_at: datetime
    members_can_use_personal_api_keys: bool
    enforce_2fa: bool


class _Key(msgspec.Struct, frozen=True):
    id: str
    label: str
    scopes: list[str]
    scoped_teams: list[int]
    scoped_organizations: list[str]
    covered_organizations: list[str] | None
    created_at: datetime
    last_used_at: datetime | None


class _Grant(msgspec.Struct, frozen=True):
    id: str
    application_id: str
    name: str
    scopes: list[str]
    scoped_teams: list[int]
    scoped_organizations: list[str]
    covered_organizations: list[str]
    created_at: datetime
    last_used_at: datetime | None


class _Session(msgspec.Struct, frozen=True):
    authenticated_at: datetime
    last_seen_at: datetime | None
    method: str


class _ByCredential(msgspec.Struct, frozen=True):
    """What is found by a credential: the user with one membership, or with none."""

    user: _User
    membership: _Membership | None


class _BySession(_ByCredential, frozen=True):
    session: _Session


class _ByKey(_ByCredential, frozen=True):
    key: _Key


class _ByAccessToken(_ByCredential, frozen=True):
    grant: _Grant


_USER = StructColumns(_User, user_account, current_project_id=_current_project())
_MEMBERSHIP = StructColumns(
    _Membership,
    membership,
    organization_name=organization.c.name,
    members_can_use_personal_api_keys=organization.c.members_can_use_personal_api_keys,
    enforce_2fa=organization.c.enforce_2fa,
).or_none()
_SESSION = StructColumns(
    _Session, session, authenticated_at=func.coalesce(session.c.authenticated_at, session.c.created_at)
)
_BY_SESSION = StructColumns(_BySession, user=_USER, membership=_MEMBERSHIP, session=_SESSION)
_BY_KEY = StructColumns(_ByKey, user=_USER, membership=_MEMBERSHIP, key=StructColumns(_Key, personal_api_key))

_GRANT = StructColumns(_Grant, oauth_grant, name=oauth_application.c.name, scopes=oauth_token.c.scopes)
_BY_ACCESS_TOKEN = StructColumns(_ByAccessToken, user=_USER, membership=_MEMBERSHIP, grant=_GRANT)


def _with_memberships(credential: Table) -> Any:
    return (
        credential.join(user_account, user_account.c.id == credential.c.user_id)
        .outerjoin(membership, membership.c.user_id == user_account.c.id)
        .outerjoin(organization, organization.c.id == membership.c.organization_id)
    )


# Served by the unique index on value_hash; one row for each membership.
BY_KEY = Prepared(
    select(*_BY_KEY.columns)
    .select_from(_with_memberships(personal_api_key))
    .where(personal_api_key.c.value_hash == bindparam("value_hash"), user_account.c.is_active.is_(True))
)

# Served by the primary key of oauth_token.
BY_ACCESS_TOKEN = Prepared(
    select(*_BY_ACCESS_TOKEN.columns)
    .select_from(
        _with_memberships(oauth_grant)
        .join(oauth_token, oauth_token.c.grant_id == oauth_grant.c.id)
        .join(oauth_application, oauth_application.c.id == oauth_grant.c.application_id)
    )
    .where(
        oauth_token.c.token_hash == bindparam("token_hash"),
        oauth_token.c.kind == "access",
        oauth_token.c.expires_at > bindparam("now", type_=UtcDateTime()),
        oauth_token.c.expires_at <= bindparam("latest", type_=UtcDateTime()),
        user_account.c.is_active.is_(True),
    )
)

# Served by the primary key of session.
BY_SESSION = Prepared(
    select(*_BY_SESSION.columns)
    .select_from(_with_memberships(session))
    .where(
        session.c.token_hash == bindparam("token_hash"),
        session.c.expires_at > bindparam("now", type_=UtcDateTime()),
        user_account.c.is_active.is_(True),
    )
)

# Served by the index on membership.user_id.
PROJECTS = Prepared(
    select(project.c.id, project.c.organization_id)
    .join(membership, membership.c.organization_id == project.c.organization_id)
    .where(membership.c.user_id == bindparam("user_id"))
    .order_by(project.c.id)
)


async def principal_by_key_hash(database: Database, value_hash: str) -> CredentialUse | None:
    """Return whose key this is, or None for an unknown key and for one of an inactive user."""
    rows = await database.read(BY_KEY, value_hash=value_hash)
    if not rows:
        return None
    found = [_BY_KEY(row) for row in rows]
    key = found[0].key
    joined = {one.membership.organization_id: one.membership.joined_at for one in found if one.membership}
    principal = replace(
        _principal(found),
        key_id=key.id,
        key_label=key.label,
        scopes=frozenset(key.scopes),
        scoped_projects=frozenset(key.scoped_teams),
        scoped_organizations=frozenset(map(UUID, key.scoped_organizations)),
    )
    covered = covered_organizations(key.covered_organizations, key.created_at, joined)
    return CredentialUse(await _within(database, principal, covered), key.last_used_at)


class GrantUse(CredentialUse, frozen=True, kw_only=True):
    """The same for an access token of an OAuth application."""

    grant_id: str


async def principal_by_access_token_hash(
    database: Database, token_hash: str, now: datetime
) -> GrantUse | None:
    """Return for whom a program speaks, or None for a token that is unknown or over, or whose user is inactive."""
    rows = await database.read(
        BY_ACCESS_TOKEN, token_hash=token_hash, now=now, latest=now + ACCESS_TOKEN + SKEW
    )
    if not rows:
        return None
    found = [_BY_ACCESS_TOKEN(row) for row in rows]
    grant = found[0].grant
    joined = {one.membership.organization_id: one.membership.joined_at for one in found if one.membership}
    covered = covered_by_grant(grant.covered_organizations, grant.created_at, joined)
    if not covered:
        return None
    principal = replace(
        _principal(found),
        key_id=grant.id,
        key_label=grant.name,
        application_id=grant.application_id,
        scopes=frozenset(grant.scopes),
        scoped_projects=frozenset(grant.scoped_teams),
        scoped_organizations=frozenset(map(UUID, grant.scoped_organizations)),
    )
    within = await _within(database, principal, covered)
    return GrantUse(within, grant.last_used_at, grant_id=grant.id)


async def _within(database: Database, principal: Principal, covered: frozenset[UUID]) -> Principal:
    """Return the caller as one who is in no other organization than those that the key covers."""
    if covered == principal.levels.keys():
        return principal
    rows = await database.read(PROJECTS, user_id=principal.user_id)
    projects = [project_id for project_id, organization_id in rows if organization_id in covered]
    current = principal.current_project_id
    return replace(
        principal,
        levels={one: level for one, level in principal.levels.items() if one in covered},
        current_project_id=current if current in projects else next(iter(projects), None),
    )


async def principal_by_session_hash(
    database: Database, token_hash: str, now: datetime
) -> CredentialUse | None:
    """Return whose session this is, or None when it is unknown, over, or of an inactive user."""
    rows = await database.read(BY_SESSION, token_hash=token_hash, now=now)
    if not rows:
        return None
    found = [_BY_SESSION(row) for row in rows]
    one = found[0].session
    principal = replace(
        _principal(found),
        session_hash=token_hash,
        authenticated_at=one.authenticated_at,
        needs_two_factor=one.method in BY_PASSWORD
        and found[0].user.two_factor_at is None
        and any(each.membership.enforce_2fa for each in found if each.membership),
    )
    return CredentialUse(principal, one.last_seen_at)


def _principal(found: Sequence[_ByCredential]) -> Principal:
    user, memberships = found[0].user, [one.membership for one in found if one.membership is not None]
    return Principal(
        user_id=user.id,
        user_uuid=user.uuid,
        distinct_id=user.distinct_id,
        theme_mode=user.theme_mode,
        email=user.email,
        name=full_name(user.first_name, user.last_name),
        levels={one.organization_id: one.level for one in memberships},
        current_project_id=user.current_project_id,
        keyless_organizations={
            one.organization_id: one.organization_name
            for one in memberships
            if not one.members_can_use_personal_api_keys
        },
    )
