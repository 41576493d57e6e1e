"""Who belongs to which organization."""

from uuid import UUID

from sqlalchemy import delete, update

from parley.accounts.actions.changes import tell_accounts_changed
from parley.accounts.queries.memberships import first_organization_of, first_project_of, owners, role_ids_of
from parley.accounts.tables import membership, role_membership, user_account
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.dependencies import Services
from parley.kernel.ids import new_uuid

LAST_OWNER = "An organization must keep at least one owner. Make somebody else an owner first."


async def add_member(db: Db, services: Services, *, organization_id: UUID, user_id: int, level: int) -> UUID:
    """Make the user a member and return the membership's id; raises Invalid for somebody who is one already.

    An organization that is the user's first becomes the current one.
    """
    now = services.clock.now()
    statement = insert_for(db.dialect, membership).values(
        id=new_uuid(),
        organization_id=organization_id,
        user_id=user_id,
        level=level,
        joined_at=now,
        updated_at=now,
    )
    made = await db.execute(
        statement.on_conflict_do_nothing(index_elements=["organization_id", "user_id"]).returning(
            membership.c.id
        )
    )
    membership_id: UUID | None = made.scalar_one_or_none()
    if membership_id is None:
        raise Invalid("This user is already a member of the organization.", code="unique")
    await db.execute(
        update(user_account)
        .where(user_account.c.id == user_id, user_account.c.current_organization_id.is_(None))
        .values(current_organization_id=organization_id, current_project_id=first_project_of(organization_id))
    )
    tell_accounts_changed(db, services)
    return membership_id


async def set_current(
    db: Db, services: Services, *, user_id: int, organization_id: UUID, project_id: int | None
) -> int | None:
    """Remember where the user works now; without a project it is the organization's first. Return the project."""
    changed = await db.execute(
        update(user_account)
        .where(user_account.c.id == user_id)
        .values(
            current_organization_id=organization_id,
            current_project_id=project_id if project_id is not None else first_project_of(organization_id),
        )
        .returning(user_account.c.current_project_id)
    )
    tell_accounts_changed(db, services)
    current: int | None = changed.scalar_one()
    return current


async def change_level(
    db: Db, services: Services, *, organization_id: UUID, user_id: int, level: int
) -> None:
    """Give a member another level; raises Invalid when no owner would be left."""
    await db.execute(
        update(membership)
        .where(membership.c.organization_id == organization_id, membership.c.user_id == user_id)
        .values(level=level, updated_at=services.clock.now())
    )
    await _check_owner_is_left(db, organization_id)
    tell_accounts_changed(db, services)


async def remove_member(db: Db, services: Services, *, organization_id: UUID, user_id: int) -> None:
    """End a membership with the roles that came with it; raises Invalid when no owner would be left."""
    await db.execute(
        delete(membership).where(
            membership.c.organization_id == organization_id, membership.c.user_id == user_id
        )
    )
    await _check_owner_is_left(db, organization_id)
    await db.execute(
        delete(role_membership).where(
            role_membership.c.user_id == user_id, role_membership.c.role_id.in_(role_ids_of(organization_id))
        )
    )
    await _move_elsewhere(db, organization_id, user_id)
    tell_accounts_changed(db, services)


async def _check_owner_is_left(db: Db, organization_id: UUID) -> None:
    """Look after the write: on PostgreSQL two owners could otherwise step down side by side."""
    if not await owners(db, organization_id):
        raise Invalid(LAST_OWNER, code="last_owner")


async def _move_elsewhere(db: Db, organization_id: UUID, user_id: int) -> None:
    await db.execute(
        update(user_account)
        .where(user_account.c.id == user_id, user_account.c.current_organization_id == organization_id)
        .values(
            current_organization_id=first_organization_of(user_id),
            current_project_id=first_project_of(first_organization_of(user_id)),
        )
    )
