"""Who belongs to which organization, with which level."""

from collections.abc import Collection, Sequence
from datetime import datetime
from heapq import nsmallest
from typing import Any
from uuid import UUID

from msgspec import structs
from sqlalchemy import ColumnElement, Select, bindparam, func, select, true

from parley.accounts.memberships.rules import away_words, is_there
from parley.accounts.memberships.schemas import AvailabilityOut, MemberOut
from parley.accounts.memberships.tables import former_membership, membership
from parley.accounts.users.queries import USER
from parley.accounts.users.schemas import UserBasic
from parley.accounts.users.tables import user_account
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import ADMIN, OWNER, Principal, Project
from parley.kernel.http.paging import PageRequest
from parley.kernel.text.forms import folded

_MEMBER = StructColumns(MemberOut, membership, user=USER)
MEMBERSHIPS = select(*_MEMBER.columns).join(user_account, user_account.c.id == membership.c.user_id)

# Where the user works now; without such a place, the organization they joined first.
CURRENT = Prepared(
    select(membership.c.organization_id)
    .join(user_account, user_account.c.id == membership.c.user_id)
    .where(user_account.c.id == bindparam("user_id"))
    .order_by(
        (membership.c.organization_id == user_account.c.current_organization_id).desc().nulls_last(),
        membership.c.joined_at,
        membership.c.organization_id,
    )
)


async def current_organization_id(database: Database, principal: Principal) -> UUID | None:
    """Return what `@current` means for the caller (index on membership.user_id)."""
    rows = await database.read(CURRENT, user_id=principal.user_id)
    return next((one for (one,) in rows if one in principal.levels), None)


async def joined_at_of(db: Db, user_id: int) -> dict[UUID, datetime]:
    """Return when the user joined the organizations that they are in (index on membership.user_id)."""
    columns = (membership.c.organization_id, membership.c.joined_at)
    rows = await db.execute(select(*columns).where(membership.c.user_id == user_id))
    return {row.organization_id: row.joined_at for row in rows}


async def member_page(db: Db, organization_id: UUID, limit: int, offset: int) -> list[MemberOut]:
    """Return a page of the members in the order they joined (unique index on organization and user)."""
    rows = await db.execute(
        MEMBERSHIPS.where(membership.c.organization_id == organization_id)
        .order_by(membership.c.joined_at, membership.c.user_id)
        .limit(limit)
        .offset(offset)
    )
    return [_MEMBER(row) for row in rows]


async def members_matching(
    db: Db, organization_id: UUID, text: str, but: Collection[int], most: int
) -> list[MemberOut]:
    """Return the first members, by name, in whose name or address a text stands; some users are left out.

    It reads all members of the organization (unique index on organization and user), as no database folds text as we do.
    """
    rows = await db.execute(MEMBERSHIPS.where(membership.c.organization_id == organization_id))
    wanted = folded(text)
    members = (one for one in map(_MEMBER, rows) if one.user.id not in but)
    found = [one for one in members if wanted in folded(f"{one.user.name} {one.user.email}")]
    return nsmallest(most, found, key=lambda one: (folded(one.user.name), one.user.id))


_FORMER = (
    select(*USER.columns)
    .join(former_membership, former_membership.c.user_id == user_account.c.id)
    .order_by(former_membership.c.ended_at.desc(), user_account.c.id)
)


async def former_members(db: Db, organization_id: UUID, most: int) -> list[UserBasic]:
    """Return who was a member and isn't any more, the last one first (primary key)."""
    rows = await db.execute(_FORMER.where(former_membership.c.organization_id == organization_id).limit(most))
    return [USER(row) for row in rows]


async def n_members(db: Db, organization_id: UUID) -> int:
    """Count the members (unique index on organization and user)."""
    statement = select(func.count()).where(membership.c.organization_id == organization_id)
    count: int = (await db.execute(statement)).scalar_one()
    return count


async def member_by_uuid(db: Db, organization_id: UUID, user_uuid: UUID) -> MemberOut:
    """Return one member, found by the user's uuid; raises NotFound."""
    return await _one(
        db,
        MEMBERSHIPS.where(membership.c.organization_id == organization_id, user_account.c.uuid == user_uuid),
    )


async def _one(db: Db, statement: Select[Any]) -> MemberOut:
    row = (await db.execute(statement)).first()
    if row is None:
        raise NotFound
    return _MEMBER(row)


async def is_membership_of(db: Db, organization_id: UUID, membership_id: UUID) -> bool:
    """Say whether a membership is one of the organization's (primary key)."""
    mine = (membership.c.id == membership_id, membership.c.organization_id == organization_id)
    return (await db.execute(select(membership.c.id).where(*mine))).first() is not None


async def email_of_membership(db: Db, organization_id: UUID, membership_id: UUID) -> str:
    """Return the address of the member whose membership this is (primary key); raises NotFound."""
    mine = (membership.c.id == membership_id, membership.c.organization_id == organization_id)
    joined = membership.join(user_account, user_account.c.id == membership.c.user_id)
    found = await db.execute(select(user_account.c.email).select_from(joined).where(*mine))
    email: str | None = found.scalar_one_or_none()
    if email is None:
        raise NotFound
    return email


async def is_member(db: Db, organization_id: UUID, user_id: int) -> bool:
    """Say whether the user is in the organization (unique index on organization and user)."""
    mine = (membership.c.organization_id == organization_id, membership.c.user_id == user_id)
    return (await db.execute(select(membership.c.id).where(*mine))).first() is not None


async def is_member_by_email(db: Db, organization_id: UUID, email: str) -> bool:
    """Say whether somebody with this address (normal form) is a member."""
    found = await db.execute(
        select(membership.c.id)
        .join(user_account, user_account.c.id == membership.c.user_id)
        .where(membership.c.organization_id == organization_id, user_account.c.email == email)
    )
    return found.first() is not None


async def member_ids(db: Db, organization_id: UUID) -> frozenset[int]:
    """Return the ids of all members of an organization."""
    found = await db.execute(
        select(membership.c.user_id).where(membership.c.organization_id == organization_id)
    )
    return frozenset(found.scalars())


async def emails_of_admins(db: Db, organization_id: UUID) -> Sequence[str]:
    """Return the addresses of the active admins and owners (unique index on organization and user)."""
    found = await db.execute(
        select(user_account.c.email)
        .join(membership, membership.c.user_id == user_account.c.id)
        .where(
            membership.c.organization_id == organization_id,
            membership.c.level >= ADMIN,
            user_account.c.is_active == true(),
        )
        .order_by(user_account.c.id)
    )
    return found.scalars().all()


def active_members(project: Project) -> Select[Any]:
    """Select the active members of a project's organization, as `acting` takes them."""
    user = user_account.c
    columns = (user.id, user.uuid, user.email, user.first_name, user.last_name, membership.c.level)
    joined = membership.join(user_account, user.id == membership.c.user_id)
    mine = membership.c.organization_id == project.organization_id
    return select(*columns).select_from(joined).where(mine, user.is_active.is_(True))


async def owned_organizations(db: Db, user_id: int) -> list[UUID]:
    """Return the organizations that a user owns (index on user_id)."""
    owned = membership.c.user_id == user_id, membership.c.level == OWNER
    return list((await db.execute(select(membership.c.organization_id).where(*owned))).scalars())


async def organizations_owned_alone(db: Db, user_id: int) -> frozenset[UUID]:
    """Return the organizations that have no other owner than this user (index on user_id)."""
    other = membership.alias("other")
    another_owner = (
        select(other.c.user_id)
        .where(
            other.c.organization_id == membership.c.organization_id,
            other.c.level == OWNER,
            other.c.user_id != membership.c.user_id,
        )
        .exists()
    )
    owned = membership.c.user_id == user_id, membership.c.level == OWNER
    found = await db.execute(select(membership.c.organization_id).where(*owned, ~another_owner))
    return frozenset(found.scalars())


async def owners(db: Db, organization_id: UUID) -> Sequence[int]:
    """Return the owners' ids and, on PostgreSQL, hold their memberships until the transaction ends."""
    found = await db.execute(
        select(membership.c.user_id)
        .where(membership.c.organization_id == organization_id, membership.c.level == OWNER)
        .with_for_update()
    )
    return found.scalars().all()


def first_organization_of(user_id: int) -> ColumnElement[UUID | None]:
    """The organization that the user joined first, for use inside another statement."""
    return (
        select(membership.c.organization_id)
        .where(membership.c.user_id == user_id)
        .order_by(membership.c.joined_at, membership.c.organization_id)
        .limit(1)
        .scalar_subquery()
    )


_AVAILABILITY = StructColumns(AvailabilityOut, membership, user=USER)
_AVAILABILITIES = select(*_AVAILABILITY.columns).join(user_account, user_account.c.id == membership.c.user_id)


def _as_of(now: datetime, row: Sequence[Any]) -> AvailabilityOut:
    stored = _AVAILABILITY(row)
    if is_there(is_available=stored.is_available, away_until=stored.away_until, now=now):
        return structs.replace(stored, is_available=True, away_until=None)
    return stored


async def availability_page(
    db: Db, organization_id: UUID, asked: PageRequest, now: datetime
) -> list[AvailabilityOut]:
    """Return a page of the members in the order they joined (unique index on organization and user)."""
    found = await db.execute(
        _AVAILABILITIES.where(membership.c.organization_id == organization_id)
        .order_by(membership.c.joined_at, membership.c.user_id)
        .limit(asked.limit)
        .offset(asked.offset)
    )
    return [_as_of(now, row) for row in found]


async def away_members(db: Db, project: Project, user_ids: Sequence[int], now: datetime) -> dict[int, str]:
    """Return which of the members are away, and until when, in words (unique index on organization and user)."""
    away = (
        membership.c.organization_id == project.organization_id,
        membership.c.is_available.is_(False),
    )
    found = select(membership.c.user_id, membership.c.away_until)
    rows = await db.execute(found.where(*away, membership.c.user_id.in_(user_ids)))
    return {
        row.user_id: away_words(row.away_until, now, project.timezone)
        for row in rows
        if not is_there(is_available=False, away_until=row.away_until, now=now)
    }


async def availability_of(db: Db, organization_id: UUID, user_uuid: UUID, now: datetime) -> AvailabilityOut:
    """Return whether one member is there, found by the user's uuid; raises NotFound."""
    mine = (membership.c.organization_id == organization_id, user_account.c.uuid == user_uuid)
    row = (await db.execute(_AVAILABILITIES.where(*mine))).first()
    if row is None:
        raise NotFound
    return _as_of(now, row)
