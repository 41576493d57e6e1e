"""Making, changing and deleting memberships. What goes with them is in `members`."""

from uuid import UUID

from sqlalchemy import delete, update

from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.memberships.queries import availability_of, owners
from parley.accounts.memberships.rules import checked_away_until
from parley.accounts.memberships.schemas import AvailabilityOut, NewAvailability
from parley.accounts.memberships.tables import former_membership, membership
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

LAST_OWNER = "An organization must keep at least one owner. Make somebody else an owner first."


async def create_membership(
    db: Db, services: Services, *, organization_id: UUID, user_id: int, level: int
) -> UUID:
    """Store a membership and return its id; raises Invalid for somebody who is a member already."""
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
    former = former_membership.c
    mine = (former.organization_id == organization_id, former.user_id == user_id)
    await db.execute(delete(former_membership).where(*mine))
    invalidate_callers(db, services)
    return membership_id


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
    invalidate_callers(db, services)


async def delete_membership(db: Db, services: Services, *, organization_id: UUID, user_id: int) -> None:
    """Delete a membership and note that it was one; raises Invalid when no owner would be left."""
    ended = await db.execute(
        delete(membership).where(
            membership.c.organization_id == organization_id, membership.c.user_id == user_id
        )
    )
    if ended.rowcount:
        row = {"organization_id": organization_id, "user_id": user_id, "ended_at": services.clock.now()}
        statement = insert_for(db.dialect, former_membership).values(**row)
        await db.execute(statement.on_conflict_do_nothing(index_elements=["organization_id", "user_id"]))
    await _check_owner_is_left(db, organization_id)
    invalidate_callers(db, services)


async def _check_owner_is_left(db: Db, organization_id: UUID) -> None:
    """Look after the write: on PostgreSQL two owners could otherwise step down side by side."""
    if not await owners(db, organization_id):
        raise Invalid(LAST_OWNER, code="last_owner")


async def set_availability(
    db: Db, services: Services, actor: Actor, user_uuid: UUID, new: NewAvailability
) -> AvailabilityOut:
    """Note whether a member is there: oneself, or for admins anybody.

    Raises NotFound, PermissionDenied, and Invalid for a time until which nobody can be away.
    """
    organization_id, now = actor.project.organization_id, services.clock.now()
    found = await availability_of(db, organization_id, user_uuid, now)
    if found.user.id != actor.user_id and not actor.is_admin:
        raise PermissionDenied("You can only change your own availability.")
    until = checked_away_until(new.away_until, now, is_available=new.is_available)
    await db.execute(
        update(membership)
        .where(membership.c.organization_id == organization_id, membership.c.user_id == found.user.id)
        .values(is_available=new.is_available, away_until=until)
    )
    return AvailabilityOut(user=found.user, is_available=new.is_available, away_until=until)
