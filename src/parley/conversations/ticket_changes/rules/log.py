"""What the activity log says of tickets (docs/activity.md#tickets)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from parley.accounts.activity_log.schemas import Change, Detail, Entry, Trigger
from parley.conversations.ticket_changes.rules.kinds import ASSIGNED, CHANGED, ChangeKind
from parley.kernel.http.authorization import Principal

SCOPE = "Ticket"
LOGGED = ("status", "priority", "sla_due_at", "snoozed_until")


class By(msgspec.Struct, frozen=True):
    """Who changed something: somebody of the team, or nobody, and perhaps a workflow."""

    member: Principal | None = None
    trigger: Trigger | UnsetType = UNSET


NOBODY = By()


class TicketRef(msgspec.Struct, frozen=True):
    """The ticket that something is said about."""

    project_id: int
    id: UUID
    number: int


class AnyTicket(Protocol):
    """A ticket in any of the forms in which actions hold it."""

    @property
    def id(self) -> UUID: ...

    @property
    def number(self) -> int: ...


class TicketOfProject(AnyTicket, Protocol):
    """The same, with its project."""

    @property
    def project_id(self) -> int: ...


class Retagged(msgspec.Struct, frozen=True):
    """Which tags a ticket has got and lost."""

    added: Sequence[str] = ()
    removed: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


SAME_TAGS = Retagged()


def entry(on: TicketOfProject, kind: ChangeKind, changes: Sequence[Change], by: By, at: datetime) -> Entry:
    """Return one entry about a ticket."""
    assert kind.activity is not None
    return Entry(
        project_id=on.project_id,
        user_id=by.member.user_id if by.member is not None else None,
        activity=kind.activity,
        scope=SCOPE,
        item_id=str(on.id),
        detail=Detail(name=f"Ticket #{on.number}", changes=changes, trigger=by.trigger),
        created_at=at,
    )


def changed(field: str, before: Any, after: Any) -> Change:
    """Return a change of one field."""
    return Change(SCOPE, "changed", field, before, after)


def added(field: str, what: Any) -> Change:
    """Return that a ticket has got something, such as a tag."""
    return Change(SCOPE, "created", field, None, what)


def removed(field: str, what: Any) -> Change:
    """Return that a ticket has lost something."""
    return Change(SCOPE, "deleted", field, what, None)


def entries_of_fields(
    on: TicketOfProject, before: Any, after: Mapping[str, Any], tags: Retagged, by: By, at: datetime
) -> list[Entry]:
    """Return what has changed: the fields in one entry, the assignee in its own, and each tag in one."""
    entries = []
    fields = [changed(name, getattr(before, name), after[name]) for name in LOGGED if name in after]
    if fields:
        entries.append(entry(on, CHANGED, fields, by, at))
    if "assignee_user_id" in after or "assignee_role_id" in after:
        user_id, role_id = before.assignee_user_id, before.assignee_role_id
        now = (after.get("assignee_user_id", user_id), after.get("assignee_role_id", role_id))
        assigned = changed("assignee", _assignee(user_id, role_id), _assignee(*now))
        entries.append(entry(on, ASSIGNED, [assigned], by, at))
    retagged = [
        *(added("tag", name) for name in tags.added),
        *(removed("tag", name) for name in tags.removed),
    ]
    return [*entries, *(entry(on, CHANGED, [change], by, at) for change in retagged)]


def _assignee(user_id: int | None, role_id: UUID | None) -> dict[str, Any] | None:
    if user_id is not None:
        return {"type": "user", "id": user_id}
    return {"type": "role", "id": role_id} if role_id is not None else None
