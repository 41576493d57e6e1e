"""Stored files: of messages, of those who may see them, and those that nobody attached."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select

from parley.accounts.access_levels.queries.visibility import access_values, is_visible_to
from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project
from parley.conversations.files.schemas import File
from parley.conversations.files.tables import PENDING, drafted_file, file, file_usage
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor

_FILE = StructColumns(File, file)
_OF_DRAFT = Prepared(
    select(*_FILE.columns)
    .join(
        drafted_file,
        and_(drafted_file.c.project_id == file.c.project_id, drafted_file.c.file_id == file.c.id),
    )
    .where(
        drafted_file.c.project_id == bindparam("project_id"),
        drafted_file.c.user_id == bindparam("user_id"),
        drafted_file.c.ticket_id == bindparam("ticket_id"),
    )
    .order_by(file.c.id)
)


async def files_of(db: Db, project_id: int, comment_ids: Sequence[UUID]) -> dict[UUID, list[File]]:
    """Return the files of some messages, in the order in which they came; none for those without (ix_file_comment)."""
    found: dict[UUID, list[File]] = {}
    if comment_ids:
        mine = (file.c.project_id == project_id, file.c.comment_id.in_(comment_ids))
        wanted = select(*_FILE.columns).where(*mine).order_by(file.c.comment_id, file.c.id)
        for row in await db.execute(wanted):
            one = _FILE(row)
            if one.comment_id is not None:
                found.setdefault(one.comment_id, []).append(one)
    return found


def _readable(project_id: int, file_id: UUID) -> Select[Any]:
    """Select a file, unless it is on a message that was removed or whose ticket was deleted (primary keys)."""
    same = and_(comment.c.project_id == file.c.project_id, comment.c.id == file.c.comment_id)
    its_ticket = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == comment.c.ticket_id)
    is_there = and_(comment.c.deleted.is_(False), ticket.c.id.is_not(None), ticket.c.deleted_at.is_(None))
    return (
        select(*_FILE.columns)
        .select_from(file.outerjoin(comment, same).outerjoin(ticket, its_ticket))
        .where(
            file.c.project_id == project_id, file.c.id == file_id, or_(file.c.comment_id.is_(None), is_there)
        )
    )


async def readable_file(db: Db, project_id: int, file_id: UUID) -> File:
    """Return a file for whoever has a link to it; raises NotFound."""
    return _found((await db.execute(_readable(project_id, file_id))).first())


async def file_for(db: Db, actor: Actor, file_id: UUID) -> File:
    """Return a file that the caller may see: of a message on a ticket of theirs, or their own upload; raises NotFound."""
    is_visible = is_visible_to(actor, comment.c.ticket_id)
    is_own = and_(file.c.comment_id.is_(None), file.c.uploaded_by == actor.user_id)
    on_message = file.c.comment_id.is_not(None)
    condition = or_(is_own, on_message if is_visible is None else and_(on_message, is_visible))
    wanted = _readable(actor.project_id, file_id).where(condition)
    values = {"project_id": actor.project_id, **access_values(actor)}
    return _found((await db.execute(wanted.params(**values))).first())


def _found(row: Any) -> File:
    if row is None:
        raise NotFound
    return _FILE(row)


async def locked_file(db: Db, project_id: int, file_id: UUID) -> File | None:
    """Lock a file until the transaction ends (primary key)."""
    found = await locked_files(db, project_id, [file_id])
    return found[0] if found else None


async def upload_of(db: Db, actor: Actor, file_id: UUID) -> File:
    """Return a file that the caller has uploaded (primary key); raises NotFound."""
    mine = (file.c.project_id == actor.project_id, file.c.id == file_id, file.c.uploaded_by == actor.user_id)
    return _found((await db.execute(select(*_FILE.columns).where(*mine))).first())


async def free_uploads(db: Db, actor: Actor, ids: Sequence[UUID]) -> list[UUID]:
    """Return which of some files the caller can still attach, in their order (primary key)."""
    c = file.c
    free = (c.uploaded_by == actor.user_id, c.comment_id.is_(None), c.stored_at.is_not(None))
    these = select(c.id).where(c.project_id == actor.project_id, c.id.in_(ids), *free)
    found = set((await db.execute(these)).scalars()) if ids else set()
    return [id for id in dict.fromkeys(ids) if id in found]


async def locked_files(db: Db, project_id: int, ids: Sequence[UUID]) -> list[File]:
    """Lock files until the transaction ends, in the order of their ids (primary key)."""
    these = (file.c.project_id == project_id, file.c.id.in_(ids))
    found = await db.execute(select(*_FILE.columns).where(*these).order_by(file.c.id).with_for_update())
    return [_FILE(row) for row in found]


def is_on_comments(
    project_id: int, column: ColumnElement[UUID], values: Sequence[UUID]
) -> ColumnElement[bool]:
    """Return the condition for the files of comments that have one of the values in a column (ix_file_comment)."""
    these = select(comment.c.id).where(comment.c.project_id == project_id, column.in_(values))
    return and_(file.c.project_id == project_id, file.c.comment_id.in_(these))


async def used_bytes(db: Db, project_id: int) -> int:
    """Return how much all files of a project have together (primary key)."""
    found = await db.execute(select(file_usage.c.size_bytes).where(file_usage.c.project_id == project_id))
    return found.scalar_one_or_none() or 0


async def never_attached(db: Db, until: datetime, *, limit: int) -> list[File]:
    """Lock uploads of all projects that nobody attached or keeps in a draft, oldest first (ix_file_pending).

    Nobody reaches the draft of somebody who has left the organization (primary keys, unique index of membership).
    """
    same = and_(drafted_file.c.project_id == file.c.project_id, drafted_file.c.file_id == file.c.id)
    is_member = and_(
        membership.c.organization_id == project.c.organization_id,
        membership.c.user_id == drafted_file.c.user_id,
    )
    kept = drafted_file.join(project, project.c.id == drafted_file.c.project_id).join(membership, is_member)
    is_drafted = select(drafted_file.c.file_id).select_from(kept).where(same).exists()
    old = select(*_FILE.columns).where(PENDING, file.c.created_at <= until, ~is_drafted)
    found = await db.execute(old.order_by(file.c.created_at).limit(limit).with_for_update(skip_locked=True))
    return [_FILE(row) for row in found]


def of_drafts(actor: Actor, ticket_ids: Collection[UUID]) -> list[ColumnElement[bool]]:
    """Return the conditions for the files that the caller's drafts on some tickets keep."""
    c = drafted_file.c
    return [c.project_id == actor.project_id, c.user_id == actor.user_id, c.ticket_id.in_(ticket_ids)]


async def files_of_draft(source: Db | Database, actor: Actor, ticket_id: UUID) -> list[File]:
    """Return the files that the caller's draft on a ticket keeps, in the order in which they came (its index)."""
    read = source.rows if isinstance(source, Db) else source.read
    values = {"project_id": actor.project_id, "user_id": actor.user_id, "ticket_id": ticket_id}
    return [_FILE(row) for row in await read(_OF_DRAFT, **values)]
