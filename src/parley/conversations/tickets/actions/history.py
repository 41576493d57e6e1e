"""What the activity log says of tickets (docs/activity.md#tickets)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from parley.accounts.activity_log.actions import Entry, record_all
from parley.accounts.activity_log.schemas import Change, Detail, Trigger
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.kernel.database.transaction import Db

SCOPE = "Ticket"
LOGGED = ("status", "priority", "sla_due_at", "snoozed_until")
Activity = Literal[
    "created", "updated", "assigned", "deleted", "restored", "purged", "merged", "unmerged", "split"
]


class By(msgspec.Struct, frozen=True):
    """Who changed something: a user, or nobody, and perhaps a workflow."""

    user_id: int | None = None
    trigger: Trigger | UnsetType = UNSET


class Subject(msgspec.Struct, frozen=True):
    """The ticket that an entry is about."""

    project_id: int
    id: UUID
    number: int


class Retagged(msgspec.Struct, frozen=True):
    """Which tags a ticket has got and lost."""

    added: Sequence[str] = ()
    removed: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def entry(on: Subject, activity: Activity, changes: Sequence[Change], by: By, at: datetime) -> Entry:
    """Return one entry about a ticket."""
    return Entry(
        project_id=on.project_id,
        user_id=by.user_id,
        activity=activity,
        scope=SCOPE,
        item_id=str(on.id),
        detail=Detail(name=f"Ticket #{on.number}", changes=changes, trigger=by.trigger),
        created_at=at,
    )


def subject_of(found: LockedTicket) -> Subject:
    """Return a locked ticket as what an entry is about."""
    return Subject(found.project_id, found.id, found.number)


def changed(field: str, before: Any, after: Any) -> Change:
    """Return a change of one field."""
    return Change(SCOPE, "changed", field, before, after)


async def log(db: Db, on: Subject, activity: Activity, by: By, at: datetime) -> None:
    """Write that a ticket was created or deleted."""
    await record_all(db, [entry(on, activity, [], by, at)])


async def log_changes(
    db: Db, found: LockedTicket, after: Mapping[str, Any], tags: Retagged, by: By, at: datetime
) -> None:
    """Write what has changed: the fields in one entry, the assignee in its own, and each tag in one."""
    on = subject_of(found)
    entries = []
    fields = [changed(name, getattr(found, name), after[name]) for name in LOGGED if name in after]
    if fields:
        entries.append(entry(on, "updated", fields, by, at))
    if "assignee_user_id" in after or "assignee_role_id" in after:
        now = msgspec.structs.replace(found, **after)
        assigned = changed("assignee", _assignee(found), _assignee(now))
        entries.append(entry(on, "assigned", [assigned], by, at))
    await record_all(db, [*entries, *tag_entries(on, tags, by, at)])


def tag_entries(on: Subject, tags: Retagged, by: By, at: datetime) -> list[Entry]:
    """Return an entry for each tag that a ticket has got or lost."""
    changes = [*map(_added, tags.added), *map(_removed, tags.removed)]
    return [entry(on, "updated", [change], by, at) for change in changes]


def _assignee(found: LockedTicket) -> dict[str, Any] | None:
    if found.assignee_user_id is not None:
        return {"type": "user", "id": found.assignee_user_id}
    return {"type": "role", "id": found.assignee_role_id} if found.assignee_role_id is not None else None


def _added(name: str) -> Change:
    return Change(SCOPE, "created", "tag", None, name)


def _removed(name: str) -> Change:
    return Change(SCOPE, "deleted", "tag", name, None)
