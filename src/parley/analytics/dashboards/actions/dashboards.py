"""Dashboards are made, copied, changed, taken out of every list and brought back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import insert, update

from parley.accounts.activity_log.actions import record
from parley.accounts.activity_log.rules import activity_of
from parley.accounts.activity_log.schemas import Change, Detail, Entry
from parley.analytics.dashboards.actions.tiles import change_tiles, copy_tiles
from parley.analytics.dashboards.queries.dashboards import dashboard_by_key
from parley.analytics.dashboards.queries.tiles import tiles_of_dashboard, tiles_of_insights
from parley.analytics.dashboards.rules.overrides import checked_filters
from parley.analytics.dashboards.schemas import (
    CreationMode,
    DashboardPatch,
    NewDashboard,
    StoredDashboard,
    StoredTile,
)
from parley.analytics.dashboards.tables import dashboard
from parley.analytics.insights.actions.insights import change_insight, check_may_edit, copy_insight
from parley.analytics.insights.schemas import InsightPatch
from parley.analytics.query_schema.personal import check_sees_persons
from parley.conversations.tickets.rules.tags import checked_tags
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_number
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone

SCOPE = "Dashboard"


async def create_dashboard(
    db: Db, services: Services, actor: Actor, new: NewDashboard, mode: CreationMode = "default"
) -> StoredDashboard:
    """Make a dashboard, or a copy of one; raises Invalid and PermissionDenied, and then nothing is made."""
    check_may_edit(actor)
    original = await _original(db, actor, new.use_dashboard)
    made = await _insert(
        db, services, actor, _with_original(new, original), "duplicate" if original else mode
    )
    if original is not None:
        await _copy(db, services, actor, original, made, with_insights=new.duplicate_tiles)
    await change_tiles(db, made, new.tiles or ())
    await _log(db, services, actor, made, "created", [])
    return made


async def _original(db: Db, actor: Actor, id: int | None) -> StoredDashboard | None:
    if id is None:
        return None
    try:
        return await dashboard_by_key(db, actor.project_id, str(id))
    except NotFound as error:
        raise Invalid(
            "The project has no such dashboard.", code="does_not_exist", attr="use_dashboard"
        ) from error


def _with_original(new: NewDashboard, original: StoredDashboard | None) -> NewDashboard:
    """Return what is to be made where the body leaves things to the original."""
    if original is None:
        return new
    return msgspec.structs.replace(
        new,
        name=new.name or f"{original.title[:390]} (Copy)",
        description=original.description if new.description is None else new.description,
        tags=original.tags if new.tags is None else new.tags,
        filters=original.filters if new.filters is None else new.filters,
        variables=original.variables if new.variables is None else new.variables,
    )


async def _insert(
    db: Db, services: Services, actor: Actor, new: NewDashboard, mode: CreationMode
) -> StoredDashboard:
    id, now = new_number(), services.clock.now()
    row = {
        "name": new.name,
        "description": new.description or "",
        "pinned": new.pinned,
        "deleted": False,
        "creation_mode": mode,
        "filters": _filters(actor, new.filters, now),
        "variables": new.variables or {},
        "tags": checked_tags(new.tags or []),
        "restriction_level": new.restriction_level,
        "created_by": actor.user_id,
        "created_at": now,
        "updated_at": now,
    }
    await db.execute(insert(dashboard).values(project_id=actor.project_id, id=id, **row))
    return await dashboard_by_key(db, actor.project_id, str(id), is_held=True)


async def _copy(
    db: Db,
    services: Services,
    actor: Actor,
    original: StoredDashboard,
    made: StoredDashboard,
    *,
    with_insights: bool,
) -> None:
    tiles = await tiles_of_dashboard(db, original.project_id, original.id)
    copies: dict[int, int] = {}
    for one in tiles if with_insights else ():
        if one.insight_id is not None and (copy := await copy_insight(db, services, actor, one.insight_id)):
            copies[one.insight_id] = copy.id
    await copy_tiles(db, tiles, made, copies)


async def change_dashboard(
    db: Db, services: Services, actor: Actor, key: str, patch: DashboardPatch
) -> StoredDashboard:
    """Change what the patch names; raises NotFound, Invalid and PermissionDenied, and then nothing is changed.

    One that is deleted can only be brought back: `deleted` must be among what is changed, and false.
    """
    is_restored = patch.deleted is False
    found = await dashboard_by_key(db, actor.project_id, key, with_deleted=is_restored, is_held=True)
    check_may_edit(actor)
    changes = _changes(services, actor, found, patch)
    if patch.tiles is not UNSET and patch.tiles:
        await change_tiles(db, found, patch.tiles)
    if changes:
        mine = (dashboard.c.project_id == actor.project_id, dashboard.c.id == found.id)
        values = {**changes, "updated_at": services.clock.now()}
        await db.execute(update(dashboard).where(*mine).values(**values))
    if changes.get("deleted") and patch.delete_insights:
        await _delete_insights(db, services, actor, await tiles_of_dashboard(db, actor.project_id, found.id))
    changed = await dashboard_by_key(db, actor.project_id, str(found.id), with_deleted=True)
    if changes or patch.tiles:
        await _log(db, services, actor, changed, activity_of(changes), _logged(found, changes))
    return changed


def _changes(
    services: Services, actor: Actor, found: StoredDashboard, patch: DashboardPatch
) -> dict[str, Any]:
    """Return the columns that get another value."""
    changes = patched_fields(patch)
    del changes["delete_insights"]
    changes.pop("tiles", None)
    if "tags" in changes:
        changes["tags"] = checked_tags(changes["tags"])
    if "description" in changes:
        changes["description"] = changes["description"] or ""
    if "filters" in changes:
        changes["filters"] = _filters(actor, changes["filters"], services.clock.now())
    if "variables" in changes:
        changes["variables"] = changes["variables"] or {}
    return {name: value for name, value in changes.items() if getattr(found, name) != value}


def _filters(actor: Actor, raw: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    filters = checked_filters(raw, zone(actor.project.timezone), now)
    check_sees_persons(actor, filters, "filters")
    return filters


async def _delete_insights(db: Db, services: Services, actor: Actor, tiles: Sequence[StoredTile]) -> None:
    """Delete the insights of these tiles that no dashboard shows any more."""
    ids = sorted(one.insight_id for one in tiles if one.insight_id is not None)
    elsewhere = await tiles_of_insights(db, actor.project_id, ids)
    for id in ids:
        if all(tile.deleted for tile in elsewhere.get(id, ())):
            try:
                await change_insight(db, services, actor, str(id), InsightPatch(deleted=True))
            except NotFound:
                continue  # it is deleted already


def _logged(found: StoredDashboard, changes: dict[str, Any]) -> list[Change]:
    return [
        Change(type=SCOPE, action="changed", field=name, before=getattr(found, name), after=value)
        for name, value in changes.items()
    ]


async def _log(
    db: Db, services: Services, actor: Actor, found: StoredDashboard, activity: str, changes: list[Change]
) -> None:
    entry = Entry(
        project_id=actor.project_id,
        user_id=actor.user_id,
        activity=activity,
        scope=SCOPE,
        item_id=str(found.id),
        detail=Detail(name=found.title, changes=changes),
        created_at=services.clock.now(),
    )
    await record(db, entry)
