"""What goes to Slack."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, func, or_, select

from parley.accounts.projects.tables import project
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.tables import MERGED, comment, ticket, ticket_merge
from parley.integrations.slack_channel.tables import WAITING, slack_post
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db


class StoredPost(msgspec.Struct, frozen=True, kw_only=True):
    """Something that goes, or went, to Slack."""

    project_id: int
    id: UUID
    kind: str
    ticket_id: UUID
    comment_id: UUID | None
    channel_id: str
    thread_ts: str | None
    about: dict[str, Any]
    state: str
    started_at: datetime | None
    ts: str | None
    version: int | None
    files_sent: int
    error: str | None
    created_at: datetime


_p = slack_post.c
_POST = StructColumns(StoredPost, slack_post)
_OF = _p.project_id == bindparam("project_id")
_BY_ID = select(*_POST.columns).where(_OF, _p.id == bindparam("id", type_=_p.id.type))
_ONE, _LOCKED = Prepared(_BY_ID), Prepared(_BY_ID.with_for_update())


async def post_by_id(db: Db, project_id: int, id: UUID, *, locked: bool = False) -> StoredPost | None:
    """Return a post, locked or not (primary key)."""
    row = await db.row(_LOCKED if locked else _ONE, project_id=project_id, id=id)
    return _POST(row) if row else None


_OF_COMMENT = Prepared(
    select(*_POST.columns).where(_OF, _p.comment_id == bindparam("comment_id", type_=_p.comment_id.type))
)


async def posts_of_comment(db: Db, project_id: int, comment_id: UUID) -> list[StoredPost]:
    """Return the posts of an answer, one for each thread that it goes to (ix_slack_post_comment)."""
    rows = await db.rows(_OF_COMMENT, project_id=project_id, comment_id=comment_id)
    return [_POST(row) for row in rows]


_EARLIER = Prepared(
    select(_p.id)
    .where(
        _OF,
        WAITING,
        _p.channel_id == bindparam("channel_id"),
        _p.thread_ts == bindparam("thread_ts"),
        _p.id < bindparam("id", type_=_p.id.type),
    )
    .limit(1)
)


async def has_earlier_post(db: Db, one: StoredPost) -> bool:
    """Say whether something waits that is to stand before it in its thread (ix_slack_post_waiting)."""
    about = {"channel_id": one.channel_id, "thread_ts": one.thread_ts}
    return await db.row(_EARLIER, project_id=one.project_id, id=one.id, **about) is not None


class SlackThread(msgspec.Struct, frozen=True):
    """A thread that an answer goes to, and whose ticket it is."""

    ticket_id: UUID
    channel_id: str
    thread_ts: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the team, as it is now, and who has written it."""

    id: UUID
    content: str
    rich_content: Any
    author_type: str
    is_private: bool
    deleted: bool
    version: int
    item_context: dict[str, Any]
    created_by: int | None
    ticket_id: UUID | None
    via_ticket_id: UUID | None
    first_name: str | None
    last_name: str | None
    email: str | None


_NAMES = {name: user_account.c[name] for name in ("first_name", "last_name", "email")}
_ANSWER = StructColumns(Answer, comment, **_NAMES)
_ANSWER_OF = Prepared(
    select(*_ANSWER.columns)
    .select_from(comment.outerjoin(user_account, user_account.c.id == comment.c.created_by))
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.id == bindparam("comment_id", type_=comment.c.id.type),
    )
)


async def answer_by_id(db: Db, project_id: int, comment_id: UUID) -> Answer | None:
    """Return a message of the team (primary key)."""
    row = await db.row(_ANSWER_OF, project_id=project_id, comment_id=comment_id)
    return _ANSWER(row) if row else None


_MERGES = select(ticket_merge.c.merged_id).where(
    ticket_merge.c.project_id == bindparam("project_id"),
    ticket_merge.c.survivor_id == bindparam("ticket_id", type_=ticket_merge.c.survivor_id.type),
    MERGED,
)
_THREADS = Prepared(
    select(ticket.c.id, ticket.c.slack_channel_id, ticket.c.slack_thread_ts).where(
        ticket.c.project_id == bindparam("project_id"),
        or_(ticket.c.id == bindparam("ticket_id", type_=ticket.c.id.type), ticket.c.id.in_(_MERGES)),
        ticket.c.slack_thread_ts.is_not(None),
        or_(ticket.c.deleted_at.is_(None), ticket.c.is_merged),
    )
)
_THREAD_OF = Prepared(
    select(ticket.c.id, ticket.c.slack_channel_id, ticket.c.slack_thread_ts).where(
        ticket.c.project_id == bindparam("project_id"),
        ticket.c.id == bindparam("ticket_id", type_=ticket.c.id.type),
        ticket.c.slack_thread_ts.is_not(None),
        or_(ticket.c.deleted_at.is_(None), ticket.c.is_merged),
    )
)


async def threads_of(db: Db, project_id: int, answer: Answer) -> list[SlackThread]:
    """Return the threads that an answer goes to: of its ticket and of those merged into it, or of the one it was sent to.

    Reads the primary key and ix_ticket_merge_survivor.
    """
    if answer.ticket_id is None:
        return []
    if answer.via_ticket_id is not None:
        rows = await db.rows(_THREAD_OF, project_id=project_id, ticket_id=answer.via_ticket_id)
    else:
        rows = await db.rows(_THREADS, project_id=project_id, ticket_id=answer.ticket_id)
    return [SlackThread(*row) for row in rows]


class ToldTicket(msgspec.Struct, frozen=True, kw_only=True):
    """What the team is told of a ticket in a channel: never what somebody has written."""

    number: int
    channel_source: str
    anonymous_traits: dict[str, Any]
    is_gone: bool
    project_name: str
    settings: dict[str, Any]


_TOLD = StructColumns(
    ToldTicket,
    ticket,
    is_gone=ticket.c.deleted_at.is_not(None).label("is_gone"),
    project_name=project.c.name,
    settings=project.c.conversations_settings,
)
_TOLD_OF = Prepared(
    select(*_TOLD.columns)
    .select_from(ticket.join(project, project.c.id == ticket.c.project_id))
    .where(
        ticket.c.project_id == bindparam("project_id"),
        ticket.c.id == bindparam("ticket_id", type_=ticket.c.id.type),
    )
)


async def told_ticket(db: Db, project_id: int, ticket_id: UUID) -> ToldTicket | None:
    """Return what is told of a ticket (primary key)."""
    row = await db.row(_TOLD_OF, project_id=project_id, ticket_id=ticket_id)
    return _TOLD(row) if row else None


_STATES = Prepared(
    select(_p.state, func.count())
    .where(_OF, _p.comment_id == bindparam("comment_id", type_=_p.comment_id.type))
    .group_by(_p.state)
)


async def states_of(db: Db, project_id: int, comment_id: UUID) -> Sequence[str]:
    """Return the states that the posts of an answer have (ix_slack_post_comment)."""
    return [row[0] for row in await db.rows(_STATES, project_id=project_id, comment_id=comment_id)]
