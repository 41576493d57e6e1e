"""Saying who is there to work on tickets."""

from uuid import UUID

from sqlalchemy import update

from parley.accounts.queries.availability import availability_of
from parley.accounts.schemas.availability import AvailabilityOut
from parley.accounts.tables import membership
from parley.kernel.database.transaction import Db
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Actor


async def set_availability(db: Db, actor: Actor, user_uuid: UUID, *, is_available: bool) -> AvailabilityOut:
    """Note whether a member is there: oneself, or for admins anybody. Raises NotFound and PermissionDenied."""
    organization_id = actor.project.organization_id
    found = await availability_of(db, organization_id, user_uuid)
    if found.user.id != actor.user_id and not actor.is_admin:
        raise PermissionDenied("You can only change your own availability.")
    await db.execute(
        update(membership)
        .where(membership.c.organization_id == organization_id, membership.c.user_id == found.user.id)
        .values(is_available=is_available)
    )
    return AvailabilityOut(user=found.user, is_available=is_available)
