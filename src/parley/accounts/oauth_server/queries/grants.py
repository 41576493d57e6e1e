"""What people have granted, and the tokens that came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, select

from parley.accounts.memberships.tables import membership
from parley.accounts.oauth_server.schemas import ConnectedApplication, FoundToken, Grant
from parley.accounts.oauth_server.tables import oauth_application, oauth_grant, oauth_token
from parley.accounts.users.tables import user_account
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

MOST_SHOWN = 200
_GRANT = StructColumns(Grant, oauth_grant, user_is_active=user_account.c.is_active)
_TOKEN = StructColumns(FoundToken, oauth_token, grant=_GRANT)
_WITH_USER = oauth_grant.join(user_account, user_account.c.id == oauth_grant.c.user_id)


async def grant_by_code(db: Db, code_hash: str) -> Grant | None:
    """Return the grant that a code is of, held until the transaction ends (unique index on code_hash)."""
    wanted = select(*_GRANT.columns).select_from(_WITH_USER).where(oauth_grant.c.code_hash == code_hash)
    row = (await db.execute(wanted.with_for_update(of=oauth_grant))).first()
    return _GRANT(row) if row else None


async def token_by_hash(db: Db, token_hash: str) -> FoundToken | None:
    """Return a token with its grant, both held until the transaction ends (primary key)."""
    wanted = (
        select(*_TOKEN.columns)
        .select_from(_WITH_USER.join(oauth_token, oauth_token.c.grant_id == oauth_grant.c.id))
        .where(oauth_token.c.token_hash == token_hash)
        .with_for_update(of=[oauth_grant, oauth_token])
    )
    row = (await db.execute(wanted)).first()
    return _TOKEN(row) if row else None


_CONNECTED = StructColumns(
    ConnectedApplication, oauth_grant, name=oauth_application.c.name, owner=user_account.c.email
)


def _connected(now: datetime) -> Select[Any]:
    """Grants whose program has fetched its tokens and may still use them."""
    return (
        select(*_CONNECTED.columns)
        .join(oauth_application, oauth_application.c.id == oauth_grant.c.application_id)
        .join(user_account, user_account.c.id == oauth_grant.c.user_id)
        .where(oauth_grant.c.code_used_at.is_not(None), oauth_grant.c.expires_at > now)
        .order_by(oauth_grant.c.created_at.desc(), oauth_grant.c.id)
        .limit(MOST_SHOWN)
    )


async def applications_of_user(db: Db, user_id: int, now: datetime) -> list[ConnectedApplication]:
    """Return what a user has connected, the newest first (index on user_id)."""
    rows = await db.execute(_connected(now).where(oauth_grant.c.user_id == user_id))
    return [_CONNECTED(row) for row in rows]


async def applications_of_members(db: Db, organization_id: UUID, now: datetime) -> list[ConnectedApplication]:
    """Return what members have connected to the organization, the newest first (index on user_id)."""
    # Before the limit, or what members connect elsewhere would hide what they have connected here.
    is_here = cast(oauth_grant.c.covered_organizations, String).contains(str(organization_id))
    rows = await db.execute(_connected(now).where(_is_of_member(organization_id), is_here))
    return [_CONNECTED(row) for row in rows]


def _is_of_member(organization_id: UUID) -> ColumnElement[bool]:
    # Who has left and come back has to connect it again.
    mine = (
        membership.c.organization_id == organization_id,
        membership.c.user_id == oauth_grant.c.user_id,
        membership.c.joined_at <= oauth_grant.c.created_at,
    )
    return select(membership.c.id).where(*mine).correlate(oauth_grant).exists()


async def grant_of_user(db: Db, user_id: int, grant_id: str, now: datetime) -> ConnectedApplication:
    """Return one grant of a user (primary key); raises NotFound."""
    return await _one(
        db, _connected(now).where(oauth_grant.c.id == grant_id, oauth_grant.c.user_id == user_id)
    )


async def grant_of_member(
    db: Db, organization_id: UUID, grant_id: str, now: datetime
) -> ConnectedApplication:
    """Return a grant of a member that reaches the organization (primary key); raises NotFound."""
    found = await _one(
        db, _connected(now).where(oauth_grant.c.id == grant_id, _is_of_member(organization_id))
    )
    if str(organization_id) not in found.covered_organizations:
        raise NotFound
    return found


async def _one(db: Db, statement: Select[Any]) -> ConnectedApplication:
    row = (await db.execute(statement)).first()
    if row is None:
        raise NotFound
    return _CONNECTED(row)


async def name_of_grant(db: Db, grant_id: str) -> str:
    """Return what the program of a grant is called (primary key); raises NotFound."""
    joined = oauth_grant.join(oauth_application, oauth_application.c.id == oauth_grant.c.application_id)
    wanted = select(oauth_application.c.name).select_from(joined).where(oauth_grant.c.id == grant_id)
    name: str | None = (await db.execute(wanted)).scalar_one_or_none()
    if name is None:
        raise NotFound
    return name


async def n_grants(db: Db, user_id: int) -> int:
    """Count what a user has granted, with what is not fetched yet (index on user_id)."""
    wanted = select(func.count()).where(oauth_grant.c.user_id == user_id)
    count: int = (await db.execute(wanted)).scalar_one()
    return count


async def grants_of(db: Db, user_id: int) -> Sequence[str]:
    """Return the ids of all grants of a user (index on user_id)."""
    found = await db.execute(select(oauth_grant.c.id).where(oauth_grant.c.user_id == user_id))
    return found.scalars().all()
