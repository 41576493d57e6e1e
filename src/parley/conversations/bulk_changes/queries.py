"""Many tickets of a project at once, each query in one statement."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Integer, bindparam, func, literal_column, select

from parley.accounts.access_levels.queries.levels import levels_of
from parley.accounts.access_levels.queries.visibility import check_sees_any_ticket
from parley.accounts.access_levels.rules import is_at_least
from parley.conversations.bulk_changes.rules import WorkState, may_be_undone
from parley.conversations.bulk_changes.schemas import BulkChange, BulkChangeListed
from parley.conversations.bulk_changes.tables import bulk_change
from parley.conversations.tickets.queries.tickets import PROJECT, columns_of
from parley.conversations.tickets.tables import LIVE, ticket, ticket_tag
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest


class LockedOne(msgspec.Struct, frozen=True):
    """One of many locked tickets. Nobody else changes it until the transaction ends."""

    id: UUID
    number: int
    status: str
    priority: str | None
    distinct_id: str
    anonymous_traits: dict[str, Any]
    sla_due_at: datetime | None
    snoozed_until: datetime | None
    channel_source: str
    channel_detail: str | None
    email_from: str | None
    created_at: datetime
    assignee_user_id: int | None
    assignee_role_id: UUID | None
    tags_json: str | None

    @property
    def state(self) -> WorkState:
        """What is compared, and put back, when a bulk change is undone."""
        return WorkState(
            status=self.status,
            priority=self.priority,
            assignee_user_id=self.assignee_user_id,
            assignee_role_id=self.assignee_role_id,
            snoozed_until=self.snoozed_until,
            tags=sorted(msgspec.json.decode(self.tags_json, type=list[str])) if self.tags_json else [],
        )


_LOCKED = Prepared(
    select(*columns_of(LockedOne))
    .where(PROJECT, LIVE, is_one_of(ticket.c.id, listed("ids", ticket.c.id)))
    # In one order everywhere, so that two such requests never wait for each other.
    .order_by(ticket.c.id)
    .with_for_update(key_share=True)
)


async def locked_tickets(db: Db, project_id: int, ids: Sequence[UUID]) -> dict[UUID, LockedOne]:
    """Lock those of the tickets that the project has, by id (primary key); deleted ones are left out."""
    rows = await db.rows(_LOCKED, project_id=project_id, ids=ids)
    return {row[0]: LockedOne(*row) for row in rows}


async def editable_tickets(db: Db, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, LockedOne]:
    """Lock those of the tickets that the caller may change; raises PermissionDenied for who sees no ticket at all."""
    check_sees_any_ticket(actor)
    locked = await locked_tickets(db, actor.project_id, ids)
    levels = await levels_of(db, actor, list(locked))
    return {id: one for id, one in locked.items() if is_at_least(levels[id], "editor")}


_TAGS = Prepared(
    select(ticket_tag.c.ticket_id, ticket_tag.c.name)
    .where(
        ticket_tag.c.project_id == bindparam("project_id"),
        is_one_of(ticket_tag.c.ticket_id, listed("ids", ticket_tag.c.ticket_id)),
    )
    .order_by(ticket_tag.c.ticket_id, ticket_tag.c.name)
)


async def tags_of_tickets(db: Db, project_id: int, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the tags of tickets, sorted (primary key)."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for ticket_id, name in await db.rows(_TAGS, project_id=project_id, ids=ids):
        found[ticket_id].append(name)
    return found


BULK_CHANGE = StructColumns(BulkChange, bulk_change)
_ITS = bulk_change.c
OWN = (_ITS.project_id == bindparam("project_id"), _ITS.user_id == bindparam("user_id"))
_OWN_CHANGE = Prepared(select(*BULK_CHANGE.columns).where(*OWN, _ITS.id == bindparam("id")))


def bulk_change_of(row: Sequence[Any]) -> BulkChange:
    """Read a stored bulk change, whose lists are JSON."""
    stored = BULK_CHANGE(row)
    fields = {name: getattr(stored, name) for name in BulkChange.__struct_fields__}
    return msgspec.convert(fields, BulkChange)


async def own_bulk_change(source: Db | Database, actor: Actor, id: UUID) -> BulkChange | None:
    """Return a bulk change of the caller in this project (primary key)."""
    read = source.rows if isinstance(source, Db) else source.read
    rows = await read(_OWN_CHANGE, project_id=actor.project_id, user_id=actor.user_id, id=id)
    return next((bulk_change_of(row) for row in rows), None)


_LISTED = Prepared(
    select(_ITS.id, _ITS.words, _ITS.created_at, _ITS.undone_at)
    .where(*OWN)
    .order_by(_ITS.created_at.desc(), _ITS.id)
    .limit(bindparam("limit", type_=Integer))
    .offset(bindparam("offset", type_=Integer))
)
_COUNT = Prepared(select(func.count()).select_from(bulk_change).where(*OWN))


async def own_bulk_changes(
    database: Database, actor: Actor, asked: PageRequest, now: datetime
) -> tuple[int, list[BulkChangeListed]]:
    """Count the caller's bulk changes of the last hour, and return a page, the last one first (primary key)."""
    mine = {"project_id": actor.project_id, "user_id": actor.user_id}
    [(count,)] = await database.read(_COUNT, **mine)
    rows = await database.read(_LISTED, **mine, limit=asked.limit, offset=asked.offset)
    return count, [
        BulkChangeListed(id, words, at, undone_at is None and may_be_undone(at, now), undone_at)
        for id, words, at, undone_at in rows
    ]


_LATEST_CHANGE = Prepared(
    select(*BULK_CHANGE.columns).where(*OWN).order_by(_ITS.created_at.desc()).limit(literal_column("1"))
)


async def latest_bulk_change(db: Db, actor: Actor) -> BulkChange | None:
    """Return the caller's last bulk change in this project, among those of an hour (primary key)."""
    row = await db.row(_LATEST_CHANGE, project_id=actor.project_id, user_id=actor.user_id)
    return bulk_change_of(row) if row else None
