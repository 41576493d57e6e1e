"""What is decided about many tickets at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import structs

from parley.conversations.ticket_changes.rules.log import Retagged
from parley.conversations.tickets.rules.assignees import AssigneeIds
from parley.conversations.tickets.rules.tags import checked_tags
from parley.kernel.errors import Invalid

TagAction = Literal["add", "remove", "set"]

MAX_PAIRS = 10_000
FIELDS = ("status", "priority", "assignee_user_id", "assignee_role_id", "snoozed_until")
UNDO_FOR = timedelta(minutes=10)


class WorkState(msgspec.Struct, frozen=True, kw_only=True):
    """What bulk changes change, and what else agents set: a ticket that differs in any of it was changed since."""

    status: str
    priority: str | None
    assignee_user_id: int | None
    assignee_role_id: UUID | None
    snoozed_until: datetime | None
    tags: list[str]  # sorted


class ChangedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that a bulk change made different.

    Of its tags the states have those that it lost or got: a ticket may have 100, and a bulk change 500 tickets.
    """

    id: UUID
    number: int
    before: WorkState
    after: WorkState
    tags_left: str = ""  # the digest of all tags that it had afterwards; rows of an older version have none


def changed_ticket(id: UUID, number: int, before: WorkState, after: WorkState) -> ChangedTicket:
    """Return what is kept of a change of a ticket."""
    lost = [name for name in before.tags if name not in after.tags]
    got = [name for name in after.tags if name not in before.tags]
    return ChangedTicket(
        id=id,
        number=number,
        before=structs.replace(before, tags=lost),
        after=structs.replace(after, tags=got),
        tags_left=_digest(after.tags),
    )


def _digest(tags: Sequence[str]) -> str:
    return sha256(msgspec.json.encode(tags)).hexdigest()


def checked_bulk_tags(action: TagAction, n_tickets: int, names: Sequence[str]) -> list[str]:
    """Return the names in their normal form; raises Invalid for none to add or remove, and for too many in all."""
    tags = checked_tags(names)
    if not tags and action != "set":
        raise Invalid(f"Name at least one tag to {action}.", code="empty", attr="tags")
    if n_tickets * len(tags) > MAX_PAIRS:
        detail = f"The number of tickets times the number of tags must not exceed {MAX_PAIRS}."
        raise Invalid(detail, attr="tags")
    return tags


def tags_after(action: TagAction, present: Sequence[str], named: Sequence[str]) -> list[str]:
    """Return the tags, sorted, that a ticket has after the action."""
    if action == "set":
        return sorted(named)
    if action == "add":
        return sorted({*present, *named})
    return sorted(set(present) - set(named))


def may_be_undone(done_at: datetime, now: datetime) -> bool:
    """Say whether a bulk change is young enough to be undone."""
    return now - done_at <= UNDO_FOR


def is_as_left(change: ChangedTicket, now: WorkState | None) -> bool:
    """Say whether nobody has changed a ticket since a bulk change; None is one that is gone, or may not be changed."""
    if now is None or _digest(now.tags) != change.tags_left:
        return False
    return structs.replace(now, tags=change.after.tags) == change.after


def tags_put_back(change: ChangedTicket) -> Retagged:
    """Return which tags a ticket gets and loses when a bulk change is undone."""
    before, after = change.before.tags, change.after.tags
    return Retagged(
        added=[name for name in before if name not in after],
        removed=[name for name in after if name not in before],
    )


def tags_to_store(
    retagged: Mapping[UUID, Retagged], present: Mapping[UUID, Sequence[str]]
) -> dict[UUID, Retagged]:
    """Return what is written to tickets that don't all lose the same tags.

    A name that one of them loses is taken from all of them, so those that keep it get it again.
    """
    lost = {name for tags in retagged.values() for name in tags.removed}
    kept = {
        id: [name for name in present[id] if name in lost and name not in tags.removed]
        for id, tags in retagged.items()
    }
    return {id: Retagged([*tags.added, *kept[id]], tags.removed) for id, tags in retagged.items()}


def fields_put_back(change: ChangedTicket) -> dict[str, Any]:
    """Return the columns of a ticket, beside its tags, that undoing a bulk change changes."""
    pairs = {name: (getattr(change.before, name), getattr(change.after, name)) for name in FIELDS}
    return {name: before for name, (before, after) in pairs.items() if before != after}


def assignee_before(change: ChangedTicket) -> AssigneeIds | None:
    """Return who gets a ticket back when a bulk change is undone; None where it stays whose it is, or is nobody's."""
    before, after = (
        AssigneeIds(one.assignee_user_id, one.assignee_role_id) for one in (change.before, change.after)
    )
    return None if before in (after, AssigneeIds()) else before
