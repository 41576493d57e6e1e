"""Customer journeys are made, changed and deleted."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update

from parley.accounts.activity_log.actions import record
from parley.accounts.activity_log.schemas import Change, Detail, Entry
from parley.analytics.insights.actions.insights import check_may_edit
from parley.analytics.journeys.errors import JourneyExists
from parley.analytics.journeys.queries import has_journey, hold_insight, journey_by_id
from parley.analytics.journeys.schemas import JourneyOut, JourneyPatch, JourneyReplacement, NewJourney
from parley.analytics.journeys.tables import customer_journey
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

SCOPE = "CustomerJourney"


async def create_journey(db: Db, services: Services, actor: Actor, new: NewJourney) -> JourneyOut:
    """Make a journey; raises Invalid, PermissionDenied, and JourneyExists where its insight has one."""
    check_may_edit(actor)
    await _take_insight(db, actor, new.insight)
    id, now = new_uuid(), services.clock.now()
    row = {
        "project_id": actor.project_id,
        "id": id,
        "insight_id": new.insight,
        "name": new.name,
        "description": new.description,
        "created_by": actor.user_id,
        "created_at": now,
        "updated_at": now,
    }
    await db.execute(insert(customer_journey).values(**row))
    made = await journey_by_id(db, actor.project_id, str(id))
    await _log(db, services, actor, made, "created", [])
    return made


async def change_journey(
    db: Db, services: Services, actor: Actor, key: str, patch: JourneyPatch | JourneyReplacement
) -> JourneyOut:
    """Change what differs; raises NotFound, Invalid, PermissionDenied, and JourneyExists for a taken insight."""
    found = await journey_by_id(db, actor.project_id, key, is_held=True)
    check_may_edit(actor)
    given = patched_fields(patch)
    changes = {name: value for name, value in given.items() if getattr(found, name) != value}
    if not changes:
        return found
    if "insight" in changes:
        await _take_insight(db, actor, changes["insight"])
    columns = {("insight_id" if name == "insight" else name): value for name, value in changes.items()}
    values = {**columns, "updated_at": services.clock.now()}
    await db.execute(update(customer_journey).where(*_this(actor, found.id)).values(**values))
    changed = await journey_by_id(db, actor.project_id, key)
    logged = [Change(SCOPE, "changed", name, getattr(found, name), value) for name, value in changes.items()]
    await _log(db, services, actor, changed, "updated", logged)
    return changed


async def delete_journey(db: Db, services: Services, actor: Actor, key: str) -> None:
    """Delete a journey for good; its insight stays. Raises NotFound and PermissionDenied."""
    found = await journey_by_id(db, actor.project_id, key, is_held=True)
    check_may_edit(actor)
    await db.execute(delete(customer_journey).where(*_this(actor, found.id)))
    await _log(db, services, actor, found, "deleted", [])


async def _take_insight(db: Db, actor: Actor, id: int) -> None:
    await hold_insight(db, actor.project_id, id)
    if await has_journey(db, actor.project_id, id):
        raise JourneyExists


def _this(actor: Actor, id: UUID) -> tuple[Any, ...]:
    return (customer_journey.c.project_id == actor.project_id, customer_journey.c.id == id)


async def _log(
    db: Db, services: Services, actor: Actor, about: JourneyOut, activity: str, changes: list[Change]
) -> None:
    entry = Entry(
        project_id=actor.project_id,
        user_id=actor.user_id,
        activity=activity,
        scope=SCOPE,
        item_id=str(about.id),
        detail=Detail(name=about.name, changes=changes),
        created_at=services.clock.now(),
    )
    await record(db, entry)
