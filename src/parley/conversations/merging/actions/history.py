"""What the activity log and the project's events say of a merge."""

from typing import Any

from parley.accounts.activity_log.actions import record_all
from parley.accounts.activity_log.schemas import Change
from parley.conversations.merging.rules.merging import MergeableTicket
from parley.conversations.tickets.actions.happenings import record
from parley.conversations.tickets.actions.history import SCOPE, Activity, By, Subject, changed, entry
from parley.conversations.tickets.rules import happenings
from parley.conversations.tickets.rules.happenings import Scene
from parley.kernel.database.transaction import Db


async def record_merge(
    db: Db,
    scene: Scene,
    activity: Activity,
    before: MergeableTicket,
    after: MergeableTicket,
    source: MergeableTicket,
) -> None:
    """Write to the log of the target, which was `before` and is `after`, and of the source, and store the events."""
    is_merged = activity == "merged"
    project_id, by, at = scene.project.id, By(scene.by.user_id if scene.by else None), scene.at
    target_name = _named(before)
    of_source = changed("merged_into", None if is_merged else target_name, target_name if is_merged else None)
    target_on, source_on = (Subject(project_id, one.id, one.number) for one in (before, source))
    changes = _changes_of_target(before, after, source, is_merged=is_merged)
    await record_all(
        db,
        [entry(target_on, activity, changes, by, at), entry(source_on, activity, [of_source], by, at)],
    )
    name = happenings.MERGED if is_merged else happenings.UNMERGED
    moved = [happenings.status_changed(scene, after.status)] if before.status != after.status else []
    await record(db, [happenings.about_both(scene, name, source.id, source.number), *moved])


def _changes_of_target(
    before: MergeableTicket, after: MergeableTicket, source: MergeableTicket, *, is_merged: bool
) -> list[Change]:
    changes = [
        _added_or_removed("merged_ticket", _named(source), is_removed=not is_merged),
        *(_added_or_removed("tag", name, is_removed=False) for name in after.tags if name not in before.tags),
        *(_added_or_removed("tag", name, is_removed=True) for name in before.tags if name not in after.tags),
    ]
    if before.status != after.status:
        changes.append(changed("status", before.status, after.status))
    return changes


def _named(ticket: MergeableTicket) -> dict[str, Any]:
    return {"id": str(ticket.id), "ticket_number": ticket.number}


def _added_or_removed(field: str, what: Any, *, is_removed: bool) -> Change:
    if is_removed:
        return Change(SCOPE, "deleted", field, what, None)
    return Change(SCOPE, "created", field, None, what)
