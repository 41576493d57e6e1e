"""Making and changing projects as the API asks for it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.audit_log.rules import changed_values
from parley.accounts.memberships.queries import member_ids
from parley.accounts.projects.actions.audit import record_in_project
from parley.accounts.projects.actions.projects import change_project, create_project, new_widget_token
from parley.accounts.projects.queries.projects import project_row
from parley.accounts.projects.recording_settings import (
    RecordingSettings,
    check_masking,
    recording_settings_of,
    with_changes,
)
from parley.accounts.projects.rules import WITHOUT_SETTING, merged_settings
from parley.accounts.projects.schemas import NewProject, ProjectPatch
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.patches import patched_fields
from parley.kernel.jobs import emit
from parley.kernel.services import Services
from parley.kernel.text.time_zones import check_time_zone

RECORDING = RecordingSettings.__struct_fields__


async def make_project(
    db: Db, services: Services, organization_id: UUID, data: NewProject, *, made_by: int
) -> int:
    """Make a project and return its id; raises Invalid for a bad time zone or setting."""
    time_zone = check_time_zone(data.timezone)
    settings = await _merged(db, organization_id, {}, data.conversations_settings)
    made = await create_project(
        db,
        services,
        organization_id=organization_id,
        name=data.name,
        made_by=made_by,
        conversations_enabled=data.conversations_enabled,
        settings=settings,
    )
    await change_project(db, services, made.id, {"timezone": time_zone})
    return made.id


async def update_project(db: Db, services: Services, actor: Actor, patch: ProjectPatch) -> None:
    """Change a project, all or nothing; raises Invalid.

    Switching conversations on makes the widget's token where there is none; switching them off leaves everything.
    """
    changes = patched_fields(patch)
    settings = changes.pop("conversations_settings", None)
    of_recordings = {name: changes.pop(name) for name in RECORDING if name in changes}
    if "timezone" in changes:
        check_time_zone(changes["timezone"])
    check_masking(of_recordings.get("session_recording_masking_config"))
    row = await project_row(db, actor.project_id, for_change=True)
    if settings:
        stored = row.conversations_settings
        changes["conversations_settings"] = await _merged(db, row.organization_id, stored, settings)
    if of_recordings:
        changes["recording_settings"] = with_changes(row.recording_settings, of_recordings)
    if changes.get("conversations_enabled") and row.widget_public_token is None:
        changes["widget_public_token"] = new_widget_token()
    await change_project(db, services, actor.project_id, changes)
    was, now = _logged(row._asdict(), changes)
    if now:
        await record_in_project(db, services, actor.project_id, "project.changed", before=was, after=now)
    if changes.get("conversations_enabled") and not row.conversations_enabled:
        await emit(db, "project.conversations_enabled", {}, project_id=actor.project_id)
    if changes.get("timezone", row.timezone) != row.timezone:
        await emit(db, "project.time_zone_changed", {}, project_id=actor.project_id)


def _logged(row: Mapping[str, Any], changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what differs, setting by setting; a default that is now stored doesn't."""
    before, after = dict[str, Any](), dict[str, Any]()
    for name, value in changes.items():
        before |= _in_force(name, row[name])
        after |= _in_force(name, value)
    return changed_values(before, after)


def _in_force(name: str, value: Any) -> dict[str, Any]:
    """Return the settings that a column of this name holds, with the defaults of those that nobody has set."""
    if name == "recording_settings":
        settings: dict[str, Any] = msgspec.to_builtins(recording_settings_of(value))
        return settings
    return {**WITHOUT_SETTING, **value} if name == "conversations_settings" else {name: value}


async def _merged(
    db: Db, organization_id: UUID, stored: Mapping[str, Any], changes: Mapping[str, Any] | None
) -> dict[str, Any]:
    changes = changes or {}
    needs_members = bool(changes.get("notification_recipients"))
    members = await member_ids(db, organization_id) if needs_members else frozenset[int]()
    return merged_settings(stored, changes, members)
