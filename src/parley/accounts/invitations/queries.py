"""Invitations."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, exists, func, or_, select

from parley.accounts.invitations.tables import invite
from parley.accounts.memberships.tables import membership
from parley.accounts.organizations.tables import organization
from parley.accounts.users.queries import USER
from parley.accounts.users.schemas import UserBasic
from parley.accounts.users.tables import user_account
from parley.kernel.database.columns import is_open
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import ADMIN

LASTS = timedelta(days=7)


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation with its organization and who made it.

    It is `backed` while who made it may still invite somebody as what it says; otherwise nobody may accept it.
    """

    id: UUID
    organization_id: UUID
    organization_name: str
    target_email: str
    level: int
    created_at: datetime
    expires_at: datetime
    created_by: UserBasic | None
    is_backed: bool
    is_by_mail: bool = False  # found by the token that is in the mail alone


_inviter = user_account.alias("inviter")
IS_BACKED = exists(
    select(membership.c.id)
    .join(_inviter, _inviter.c.id == membership.c.user_id)
    .where(
        membership.c.organization_id == invite.c.organization_id,
        membership.c.user_id == invite.c.created_by,
        membership.c.level >= ADMIN,
        membership.c.level >= invite.c.level,
        _inviter.c.is_active,
    )
    .correlate(invite)
)
"""Who has made an invitation is an admin still, and stands no lower than it (unique index on organization and user)."""

_INVITE = StructColumns(
    Invite,
    invite,
    organization_name=organization.c.name,
    created_by=USER.or_none(),
    is_backed=IS_BACKED.label("is_backed"),
)
INVITES: Select[Any] = (
    select(*_INVITE.columns)
    .join(organization, organization.c.id == invite.c.organization_id)
    .outerjoin(user_account, user_account.c.id == invite.c.created_by)
)


async def invite_page(db: Db, organization_id: UUID, limit: int, offset: int) -> list[Invite]:
    """Return a page of an organization's invitations, newest first (ix_invite_organization_id_created_at)."""
    rows = await db.execute(
        INVITES.where(invite.c.organization_id == organization_id)
        .order_by(invite.c.created_at.desc(), invite.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_INVITE(row) for row in rows]


async def n_invites(db: Db, organization_id: UUID) -> int:
    """Count an organization's invitations (ix_invite_organization_id_created_at)."""
    statement = select(func.count()).where(invite.c.organization_id == organization_id)
    count: int = (await db.execute(statement)).scalar_one()
    return count


async def invite_by_id(db: Db, invite_id: UUID) -> Invite | None:
    """Return an invitation (primary key)."""
    row = (await db.execute(INVITES.where(invite.c.id == invite_id))).first()
    return _INVITE(row) if row else None


async def n_open_invites(db: Db, organization_id: UUID, now: datetime) -> int:
    """Count the invitations that can still be accepted, one caller at a time (ix_invite_organization_id_created_at)."""
    await db.execute(
        select(organization.c.id).where(organization.c.id == organization_id).with_for_update(key_share=True)
    )
    statement = select(func.count()).where(
        invite.c.organization_id == organization_id, invite.c.expires_at > now
    )
    count: int = (await db.execute(statement)).scalar_one()
    return count


async def open_invite(db: Db, token_hash: str, now: datetime) -> Invite | None:
    """Return the invitation of a link, shown or mailed, while it may be accepted (unique indexes on both hashes)."""
    is_by_mail = (invite.c.mail_token_hash == token_hash).label("is_by_mail")
    mine = or_(invite.c.token_hash == token_hash, invite.c.mail_token_hash == token_hash)
    is_valid = is_open(invite.c.expires_at, now, LASTS)
    row = (await db.execute(INVITES.add_columns(is_by_mail).where(mine, is_valid, IS_BACKED))).first()
    return msgspec.structs.replace(_INVITE(row), is_by_mail=bool(row.is_by_mail)) if row else None


async def inviting_organizations(db: Db, email: str, now: datetime) -> frozenset[UUID]:
    """Return the organizations whose invitation of an address may be accepted (ix_invite_target_email)."""
    open_ones = (invite.c.target_email == email, is_open(invite.c.expires_at, now, LASTS), IS_BACKED)
    return frozenset((await db.execute(select(invite.c.organization_id).where(*open_ones))).scalars())
