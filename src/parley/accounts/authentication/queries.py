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
from parley.accounts.memberships.tables import membership
from parley.accounts.organizations.tables import organization
from parley.accounts.projects.tables import project
from parley.accounts.sessions.tables import session
from parley.accounts.users.tables import user_account
from parley.kernel.database.columns import UtcDateTime
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Principal


class KeyUse(msgspec.Struct, frozen=True):
    """A key's principal, with what is needed to note its use."""

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


USER = (
    user_account.c.id,
    user_account.c.uuid,
    user_account.c.distinct_id,
    user_account.c.email,
    user_account.c.first_name,
    user_account.c.last_name,
    _current_project(),
)
MEMBERSHIP = (
    membership.c.organization_id,
    membership.c.level,
    organization.c.name,
    organization.c.members_can_use_personal_api_keys,
    membership.c.joined_at,
)


def _with_memberships(credential: Table) -> Any:
    return (
        credential.join(user_account, user_account.c.id == credential.c.user_id)
        .outerjoin(membership, membership.c.user_id == user_account.c.id)
        .outerjoin(organization, organization.c.id == membership.c.organization_id)
    )


# Served by the unique index on value_hash; one row for each membership.
BY_KEY = Prepared(
    select(
        *USER,
        *MEMBERSHIP,
        personal_api_key.c.id,
        personal_api_key.c.scopes,
        personal_api_key.c.scoped_teams,
        personal_api_key.c.scoped_organizations,
        personal_api_key.c.covered_organizations,
        personal_api_key.c.created_at,
        personal_api_key.c.last_used_at,
    )
    .select_from(_with_memberships(personal_api_key))
    .where(personal_api_key.c.value_hash == bindparam("value_hash"), user_account.c.is_active.is_(True))
)

# Served by the primary key of session.
BY_SESSION = Prepared(
    select(*USER, *MEMBERSHIP)
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


async def principal_by_key_hash(database: Database, value_hash: str) -> KeyUse | None:
    """Return whose key this is, or None for an unknown key and for one of an inactive user."""
    rows = await database.read(BY_KEY, value_hash=value_hash)
    if not rows:
        return None
    key_id, scopes, teams, organizations, covered, made_at, last_used_at = rows[0][
        len(USER) + len(MEMBERSHIP) :
    ]
    joined = {row[len(USER)]: row[len(USER) + len(MEMBERSHIP) - 1] for row in rows if row[len(USER)]}
    principal = replace(
        _principal(rows),
        key_id=key_id,
        scopes=frozenset(scopes),
        scoped_projects=frozenset(teams),
        scoped_organizations=frozenset(map(UUID, organizations)),
    )
    return KeyUse(
        await _within(database, principal, covered_organizations(covered, made_at, joined)), last_used_at
    )


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


async def principal_by_session_hash(database: Database, token_hash: str, now: datetime) -> Principal | None:
    """Return whose session this is, or None when it is unknown, over, or of an inactive user."""
    rows = await database.read(BY_SESSION, token_hash=token_hash, now=now)
    return replace(_principal(rows), session_hash=token_hash) if rows else None


def _principal(rows: Sequence[Sequence[Any]]) -> Principal:
    user_id, user_uuid, distinct_id, email, first_name, last_name, current_project_id = rows[0][: len(USER)]
    memberships = [row[len(USER) : len(USER) + len(MEMBERSHIP)] for row in rows if row[len(USER)] is not None]
    return Principal(
        user_id=user_id,
        user_uuid=user_uuid,
        distinct_id=distinct_id,
        email=email,
        name=f"{first_name} {last_name}".strip(),
        levels={organization_id: level for organization_id, level, *_ in memberships},
        current_project_id=current_project_id,
        keyless_organizations={one: name for one, _, name, allows_keys, _ in memberships if not allows_keys},
    )
