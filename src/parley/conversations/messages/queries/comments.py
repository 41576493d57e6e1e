"""Comments on anything; messages of tickets are comments, too. Those of a deleted ticket are never found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, bindparam, case, false, func, or_, select, tuple_

from parley.accounts.access_levels.queries.visibility import access_values, is_visible_to
from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.conversations.files.attachments import attachments_in
from parley.conversations.messages.schemas import CommentOut
from parley.conversations.search.indexed_text import LOOKED_AT, NO_TICKET
from parley.conversations.search.queries import is_found_by, texts_with
from parley.conversations.search.tables import search_text
from parley.conversations.tickets.queries.merged_ticket import merged_ticket
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE, TICKET_SCOPES, without_sync_keys
from parley.conversations.tickets.rules.ids import uuid_of
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.text.search_terms import is_indexed, parts_of

PAGE_SIZE = 100
HEAD = 2_000
"""How many comments are looked at before a search goes through the index of texts."""
_COMMENT = StructColumns(
    CommentOut, comment, source_comment=comment.c.source_comment_id, created_by=USER.or_none()
)
# Under what a text is found: messages under their ticket, other comments under the UUID of zeros.
ABOUT = case(
    (comment.c.scope == MESSAGE_SCOPE, func.coalesce(comment.c.ticket_id, NO_TICKET)), else_=NO_TICKET
)


def visible_comments(project_id: int) -> Select[Any]:
    """Start a SELECT over a project's comments, deleted ones included, with their authors."""
    ours = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == comment.c.ticket_id)
    return (
        select(*_COMMENT.columns)
        .select_from(
            comment.outerjoin(user_account, user_account.c.id == comment.c.created_by).outerjoin(ticket, ours)
        )
        .where(comment.c.project_id == project_id)
        .where(
            or_(comment.c.ticket_id.is_(None), and_(ticket.c.id.is_not(None), ticket.c.deleted_at.is_(None)))
        )
    )


def comments_for(actor: Actor) -> Select[Any]:
    """Start a SELECT over those of the comments that a caller may see."""
    visible = visible_comments(actor.project_id).where(*_on_visible_tickets(actor))
    return visible.params(project_id=actor.project_id, **access_values(actor))


def _on_visible_tickets(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the condition for comments on tickets that the caller may see, and on what is no ticket."""
    condition = is_visible_to(actor, comment.c.ticket_id)
    return [] if condition is None else [or_(comment.c.ticket_id.is_(None), condition)]


async def comment_by_id(db: Db, actor: Actor, comment_id: UUID, *, with_deleted: bool = False) -> CommentOut:
    """Return one comment (primary key); raises NotFound."""
    wanted = comments_for(actor).where(comment.c.id == comment_id)
    if not with_deleted:
        wanted = wanted.where(comment.c.deleted == false())
    row = (await db.execute(wanted)).first()
    if row is None:
        raise NotFound
    return _COMMENT(row)


class CommentFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of comments is narrowed to; None narrows nothing."""

    scope: str | None = None
    item_id: str | None = None
    search: str | None = None
    source_comment: UUID | None = None
    is_task: bool | None = None
    is_completed: bool | None = None
    with_tickets: bool = True  # comments of ticket scopes, too


class CommentCursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in the list: behind this comment or, where `is_back` is set, before it."""

    created_at: datetime
    id: UUID
    is_back: bool = False


async def comments_page(
    db: Db, actor: Actor, filters: CommentFilters, cursor: CommentCursor | None
) -> tuple[list[CommentOut], bool]:
    """Return a page, newest first, and whether there is more in its direction (ix_comment_item, ix_comment_recent).

    Of a merged ticket it is the page of the target.
    """
    page = await _page(db, actor, filters, cursor)
    asked = uuid_of(filters.item_id) if filters.scope in TICKET_SCOPES and not page[0] else None
    merged = await merged_ticket(db.rows, actor.project_id, asked) if asked else None
    if merged is None:
        return page
    there = msgspec.structs.replace(filters, item_id=str(merged.last_target_id))
    return await _page(db, actor, there, cursor)


async def _page(
    db: Db, actor: Actor, filters: CommentFilters, cursor: CommentCursor | None
) -> tuple[list[CommentOut], bool]:
    wanted = _narrowed(comments_for(actor).where(comment.c.deleted == false()), filters)
    is_back = cursor is not None and cursor.is_back
    if cursor is not None:
        wanted = wanted.where(_beyond(cursor, is_back))
    columns = (comment.c.created_at, comment.c.id)
    wanted = wanted.order_by(*(column.asc() if is_back else column.desc() for column in columns))
    rows = await _rows_of_page(db, actor.project_id, filters, cursor, wanted.limit(PAGE_SIZE + 1))
    found = [_COMMENT(row) for row in rows[:PAGE_SIZE]]
    return (found[::-1] if is_back else found), len(rows) > PAGE_SIZE


def _beyond(cursor: CommentCursor, is_later: bool) -> ColumnElement[bool]:
    """Return the condition that a comment is later than a cursor, or earlier."""
    position = tuple_(comment.c.created_at, comment.c.id)
    at = bindparam("at", cursor.created_at, type_=comment.c.created_at.type, unique=True)
    here = tuple_(at, bindparam("id", cursor.id, type_=comment.c.id.type, unique=True))
    return position > here if is_later else position < here


async def _rows_of_page(
    db: Db, project_id: int, filters: CommentFilters, cursor: CommentCursor | None, wanted: Select[Any]
) -> Sequence[Sequence[Any]]:
    """Read a page. A search looks at each comment of an item, or at a number of them and then at the index of texts."""
    if not filters.search:
        return (await db.execute(wanted)).all()
    project = {"project_id": project_id}
    looked_at = wanted.where(is_found_by(comment, ABOUT, filters.search, db.dialect.name))
    if filters.item_id is not None:
        return (await db.execute(looked_at, project)).all()
    has_index = any(map(is_indexed, parts_of(filters.search)))
    stop = await _stop(db, project_id, cursor, HEAD if has_index else LOOKED_AT)
    if stop is not None:
        looked_at = looked_at.where(_beyond(stop, is_later=cursor is None or not cursor.is_back))
    rows = (await db.execute(looked_at, project)).all()
    if stop is None or not has_index or len(rows) > PAGE_SIZE:
        return rows
    found = texts_with(parts_of(filters.search), db.dialect.name, is_alone=False)
    found = found.with_only_columns(search_text.c.id)
    through = wanted.where(comment.c.id.in_(select(found.cte("found").prefix_with("MATERIALIZED").c.id)))
    return (await db.execute(through, project)).all()


async def _stop(db: Db, project_id: int, cursor: CommentCursor | None, n: int) -> CommentCursor | None:
    """Return the comment at which `n` have been looked at; None where there are fewer (ix_comment_recent)."""
    is_back = cursor is not None and cursor.is_back
    columns = (comment.c.created_at, comment.c.id)
    walk = select(*columns).where(comment.c.project_id == project_id)
    if cursor is not None:
        walk = walk.where(_beyond(cursor, is_back))
    walk = walk.order_by(*(column.asc() if is_back else column.desc() for column in columns))
    row: Any = (await db.execute(walk.offset(n).limit(1))).first()
    return CommentCursor(row[0], row[1]) if row is not None else None


def _narrowed(wanted: Select[Any], filters: CommentFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if filters.scope is not None:
        conditions.append(comment.c.scope == filters.scope)
    if not filters.with_tickets:
        conditions.append(comment.c.scope.not_in(sorted(TICKET_SCOPES)))
    if filters.item_id is not None:
        conditions.append(comment.c.item_id == filters.item_id)
    if filters.source_comment is not None:
        conditions.append(comment.c.source_comment_id == filters.source_comment)
    if filters.is_task is not None:
        conditions.append(comment.c.is_task == filters.is_task)
    if filters.is_completed is not None:
        completed = comment.c.completed_at
        conditions.append(completed.is_not(None) if filters.is_completed else completed.is_(None))
    return wanted.where(*conditions)


async def repeated_comment(
    db: Db, project_id: int, like: Any, since: datetime, file_ids: Sequence[UUID]
) -> UUID | None:
    """Return the latest comment that this row with these files repeats: equal in all but its time, nothing public after it.

    Both statements are served by ix_comment_item.
    """
    columns = comment.c
    item = [
        columns.project_id == project_id,
        columns.scope == like.scope,
        columns.item_id == like.item_id if like.item_id is not None else columns.item_id.is_(None),
    ]
    same = [
        columns.created_at > since,
        columns.created_by == like.created_by,
        columns.content == like.content,
        columns.is_task == like.is_task,
        columns.deleted == false(),
    ]
    position = (columns.created_at, columns.id)
    found = select(*position, columns.rich_content, columns.item_context, columns.source_comment_id)
    newest_first = [column.desc() for column in position]
    rest = (like.rich_content, like.item_context, like.source_comment_id)
    for row in await db.execute(found.where(*item, *same).order_by(*newest_first).limit(20)):
        files = [one.id for one in attachments_in(row.item_context)]
        said = (row.rich_content, without_sync_keys(row.item_context), row.source_comment_id)
        if said == rest and files == list(dict.fromkeys(file_ids)):
            later = _beyond(CommentCursor(row.created_at, row.id), is_later=True)
            public = select(columns.id).where(*item, columns.is_private == false(), later).limit(1)
            latest: UUID = row.id
            return latest if (await db.execute(public)).first() is None else None
    return None


async def is_comment_of(db: Db, actor: Actor, comment_id: UUID) -> bool:
    """Say whether the project has this comment and the caller may see it (primary key)."""
    mine = (comment.c.project_id == actor.project_id, comment.c.id == comment_id)
    found = select(comment.c.id).where(*mine, *_on_visible_tickets(actor))
    values = {"project_id": actor.project_id, **access_values(actor)}
    return (await db.execute(found.params(**values))).first() is not None
