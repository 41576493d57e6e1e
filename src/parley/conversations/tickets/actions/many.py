"""What is written to many tickets at once; which ones, and why, the features above decide."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, null, tuple_, update

from parley.conversations.ticket_changes.rules.log import Retagged
from parley.conversations.tickets.rules.assignees import AssigneeIds
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.kernel.database.bulk import InsertMany, is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

THESE = (
    ticket.c.project_id == bindparam("project_id"),
    is_one_of(ticket.c.id, listed("ids", ticket.c.id)),
)


def _storing(*columns: str) -> Prepared:
    values = {name: bindparam(f"to_{name}", type_=ticket.c[name].type) for name in (*columns, "updated_at")}
    return Prepared(update(ticket).where(*THESE).values(values))


_STATUS = _storing("status")
_PRIORITY = _storing("priority")
_ASSIGNEE = _storing("assignee_user_id", "assignee_role_id")
_SNOOZE = _storing("snoozed_until", "status")
_TOUCH = _storing()
_UNTAG = Prepared(
    delete(ticket_tag).where(
        ticket_tag.c.project_id == bindparam("project_id"),
        is_one_of(ticket_tag.c.ticket_id, listed("ids", ticket_tag.c.ticket_id)),
        is_one_of(ticket_tag.c.name, listed("names", ticket_tag.c.name)),
    )
)
_TAG = InsertMany(ticket_tag, ("project_id", "ticket_id", "name"))


async def store_status(db: Db, project_id: int, ids: Sequence[UUID], status: str, at: datetime) -> None:
    """Give locked tickets a status."""
    await db.rows(_STATUS, project_id=project_id, ids=ids, to_status=status, to_updated_at=at)


async def store_priority_of_many(
    db: Db, project_id: int, ids: Sequence[UUID], priority: str | None, at: datetime
) -> None:
    """Give locked tickets a priority, or none."""
    await db.rows(_PRIORITY, project_id=project_id, ids=ids, to_priority=priority, to_updated_at=at)


async def store_assignee_of_many(
    db: Db, project_id: int, ids: Sequence[UUID], to: AssigneeIds, at: datetime
) -> None:
    """Give locked tickets to somebody, or to nobody."""
    assignee = {"to_assignee_user_id": to.user_id, "to_assignee_role_id": to.role_id}
    await db.rows(_ASSIGNEE, project_id=project_id, ids=ids, to_updated_at=at, **assignee)


async def store_snooze_of_many(
    db: Db, project_id: int, moved: Mapping[str, Sequence[UUID]], until: datetime | None, at: datetime
) -> None:
    """Snooze locked tickets or wake them up; `moved` are their ids by the status that they get."""
    for status, ids in moved.items():
        to = {"to_snoozed_until": until, "to_status": status, "to_updated_at": at}
        await db.rows(_SNOOZE, project_id=project_id, ids=list(ids), **to)


async def store_tags_of_many(
    db: Db, project_id: int, retagged: Mapping[UUID, Retagged], at: datetime
) -> None:
    """Give locked tickets tags and take others away. A name that goes from one stays only where it is added."""
    removed = sorted({name for tags in retagged.values() for name in tags.removed})
    if removed:
        await db.rows(_UNTAG, project_id=project_id, ids=list(retagged), names=removed)
    await _TAG.run(db, [(project_id, id, name) for id, tags in retagged.items() for name in tags.added])
    await db.rows(_TOUCH, project_id=project_id, ids=list(retagged), to_updated_at=at)


async def end_snoozes(db: Db, keys: Sequence[tuple[int, UUID]], status: str, now: datetime) -> None:
    """End the snoozes of locked tickets, of several projects, which all get this status."""
    those = (tuple_(ticket.c.project_id, ticket.c.id).in_(keys), ticket.c.snoozed_until <= now)
    values = {"snoozed_until": null(), "status": status, "updated_at": now}
    await db.execute(update(ticket).where(*those).values(values))
