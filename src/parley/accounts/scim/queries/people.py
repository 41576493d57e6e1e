"""People whom the token of a domain reaches: members of its organization, and who came through it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, not_, or_, select, true, union, union_all

from parley.accounts.domains.queries import Domain
from parley.accounts.memberships.tables import former_membership, membership
from parley.accounts.roles.tables import role, role_membership
from parley.accounts.scim.queries.conditions import candidates, condition
from parley.accounts.scim.tables import scim_user
from parley.accounts.scim_messages.errors import ResourceNotFound
from parley.accounts.scim_messages.rules.filters import Filter
from parley.accounts.scim_messages.rules.groups import user_id_of
from parley.accounts.scim_messages.rules.resources import FoundPerson, FoundRole, WantedPage
from parley.accounts.scim_messages.rules.users import ScimPerson
from parley.accounts.users.tables import user_account
from parley.kernel.database.transaction import Db

NOT_FOUND = "User not found"
COLUMNS = (
    user_account.c.id,
    user_account.c.email,
    user_account.c.first_name,
    user_account.c.last_name,
    user_account.c.is_email_verified,
    membership.c.level,
    scim_user.c.user_id.label("provisioned_id"),
    scim_user.c.user_name,
    scim_user.c.external_id,
    scim_user.c.email_type,
    scim_user.c.email_is_primary,
    scim_user.c.is_active,
)


def _people(domain: Domain, *columns: Any) -> Select[Any]:
    """Select users with what ties them to the domain; `_is_reached` must hold for whom it returns."""
    is_member = (membership.c.organization_id == domain.organization_id) & (
        membership.c.user_id == user_account.c.id
    )
    is_provisioned = (scim_user.c.domain_id == domain.id) & (scim_user.c.user_id == user_account.c.id)
    return select(*(columns or COLUMNS)).select_from(
        user_account.outerjoin(membership, is_member).outerjoin(scim_user, is_provisioned)
    )


def _is_reached() -> ColumnElement[bool]:
    return or_(membership.c.user_id.is_not(None), scim_user.c.user_id.is_not(None))


def _found(row: Row[Any]) -> FoundPerson:
    is_provisioned = row.provisioned_id is not None
    return FoundPerson(
        user_id=row.id,
        level=row.level,
        is_provisioned=is_provisioned,
        is_email_verified=row.is_email_verified,
        person=ScimPerson(
            user_name=row.user_name,
            external_id=row.external_id,
            given_name=row.first_name,
            family_name=row.last_name,
            email=row.email,
            email_type=row.email_type,
            email_is_primary=row.email_is_primary if is_provisioned else True,
            active=_activity(row, is_provisioned=is_provisioned),
        ),
    )


def _activity(row: Row[Any], *, is_provisioned: bool) -> bool | None:
    """Say whether somebody is a member; None where the identity provider has taken back what it said about that."""
    return None if is_provisioned and row.is_active is None else row.level is not None


async def person_by_id(db: Db, domain: Domain, text: str) -> FoundPerson:
    """Return one person by the id in a path (primary keys); raises ResourceNotFound."""
    user_id = user_id_of(text)
    row = None
    if user_id is not None:
        wanted = _people(domain).where(user_account.c.id == user_id, _is_reached())
        row = (await db.execute(wanted)).first()
    if row is None:
        raise ResourceNotFound(NOT_FOUND)
    return _found(row)


async def person_by_email(db: Db, domain: Domain, email: str) -> FoundPerson | None:
    """Return whoever has this address in its normal form, reached by the token or not (unique index)."""
    row = (await db.execute(_people(domain).where(user_account.c.email == email))).first()
    return _found(row) if row else None


async def is_user_name_taken(db: Db, domain: Domain, folded_name: str, *, but_by: int) -> bool:
    """Say whether somebody else has this userName in the domain (unique key)."""
    mine = (scim_user.c.domain_id == domain.id, scim_user.c.folded_user_name == folded_name)
    found = await db.execute(select(scim_user.c.user_id).where(*mine, scim_user.c.user_id != but_by))
    return found.first() is not None


async def person_page(
    db: Db, domain: Domain, asked: WantedPage, wanted: Filter | None
) -> tuple[Sequence[FoundPerson], int]:
    """Return a page of people by their ids, and how many there are in all."""
    if wanted is None:
        return await _whole_page(db, domain, asked)
    where = [condition(wanted), _is_reached()]
    narrow = candidates(wanted, domain.id)
    where.append(user_account.c.id.in_(_everybody(domain)) if narrow is None else narrow)
    rows = (
        await db.execute(
            _people(domain)
            .where(*where)
            .order_by(user_account.c.id)
            .limit(asked.count)
            .offset(asked.start - 1)
        )
    ).all()
    total = len(rows)
    if asked.start > 1 or total == asked.count:
        total = (await db.execute(_people(domain, func.count()).where(*where))).scalar_one()
    return [_found(row) for row in rows], total


def _everybody(domain: Domain) -> Any:
    """Select the ids of all people whom the token reaches, some twice."""
    return union_all(
        select(membership.c.user_id).where(membership.c.organization_id == domain.organization_id),
        select(scim_user.c.user_id).where(scim_user.c.domain_id == domain.id),
    )


async def _whole_page(db: Db, domain: Domain, asked: WantedPage) -> tuple[Sequence[FoundPerson], int]:
    """Return a page of everybody: members, and the few without a membership beside them."""
    members = select(membership.c.user_id).where(membership.c.organization_id == domain.organization_id)
    others = _without_membership(domain)
    total = 0
    for part in (members, others):
        counted = part.with_only_columns(func.count(), maintain_column_froms=True)
        total += (await db.execute(counted)).scalar_one()
    both = union_all(members, others).subquery()
    page = select(both.c.user_id).order_by(both.c.user_id).limit(asked.count).offset(asked.start - 1)
    ids = (await db.execute(page)).scalars().all() if asked.count else []
    rows = await db.execute(_people(domain).where(user_account.c.id.in_(ids)).order_by(user_account.c.id))
    return [_found(row) for row in rows], total


def _without_membership(domain: Domain) -> Select[Any]:
    """Select who came through the domain and is no member: who never was one (ix_scim_user_inactive), and who was."""
    organization_id, user_id = domain.organization_id, scim_user.c.user_id
    mine = scim_user.c.domain_id == domain.id
    is_member = exists().where(
        membership.c.organization_id == organization_id, membership.c.user_id == user_id
    )
    never = select(user_id).where(mine, scim_user.c.is_active.is_not(true()), not_(is_member))
    was = former_membership.c
    before = select(user_id).join(former_membership, was.user_id == user_id)
    found = union(never, before.where(mine, was.organization_id == organization_id)).subquery()
    return select(found.c.user_id)


async def groups_of(db: Db, domain: Domain, user_ids: Sequence[int]) -> dict[int, list[FoundRole]]:
    """Return the roles that people have in the organization, by name (index on role_membership.user_id)."""
    found: dict[int, list[FoundRole]] = {id: [] for id in user_ids}
    rows = await db.execute(
        select(role_membership.c.user_id, role.c.id, role.c.name)
        .join(role, role.c.id == role_membership.c.role_id)
        .where(
            role.c.organization_id == domain.organization_id, role_membership.c.user_id.in_(list(user_ids))
        )
        .order_by(role.c.name)
    )
    for row in rows:
        found[row.user_id].append(FoundRole(row.id, row.name, None))
    return found


async def members_among(db: Db, organization_id: UUID, user_ids: frozenset[int]) -> frozenset[int]:
    """Return those of the ids that are members of the organization (unique index on organization and user)."""
    ids, found = sorted(user_ids), set[int]()
    for begin in range(0, len(ids), CHUNK):
        part = ids[begin : begin + CHUNK]
        rows = await db.execute(
            select(membership.c.user_id).where(
                membership.c.organization_id == organization_id, membership.c.user_id.in_(part)
            )
        )
        found.update(rows.scalars())
    return frozenset(found)


CHUNK = 1000
"""Ids in one statement."""
