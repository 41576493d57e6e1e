"""What goes to Slack."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import or_, select

from parley.accounts.projects.tables import project
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.tables import MERGED, comment, ticket, ticket_merge
from parley.integrations.slack_channel.tables import WAITING, slack_post
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


async def post_by_id(db: Db, project_id: int, id: UUID) -> StoredPost | None:
    """Return a post (primary key)."""
    wanted = select(*_POST.columns).where(_p.project_id == project_id, _p.id == id)
    row = (await db.execute(wanted)).first()
    return _POST(row) if row else None


async def posts_of_comment(db: Db, project_id: int, comment_id: UUID) -> list[StoredPost]:
    """Return the posts of an answer, one for each thread that it goes to (ix_slack_post_comment)."""
    wanted = select(*_POST.columns).where(_p.project_id == project_id, _p.comment_id == comment_id)
    return [_POST(row) for row in await db.execute(wanted)]


async def has_earlier_post(db: Db, one: StoredPost) -> bool:
    """Say whether something waits that is to stand before it in its thread (ix_slack_post_waiting)."""
    same = (_p.project_id == one.project_id, _p.channel_id == one.channel_id, _p.thread_ts == one.thread_ts)
    found = await db.execute(select(_p.id).where(WAITING, *same, _p.id < one.id).limit(1))
    return found.first() is not None


class SlackThread(msgspec.Struct, frozen=True):
    """A thread that an answer goes to, and whose ticket it is."""

    ticket_id: UUID
    channel_id: str
    thread_ts: str


class TeamAnswer(msgspec.Struct, frozen=True, kw_only=True):
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
_ANSWER = StructColumns(TeamAnswer, comment, **_NAMES)
_WRITTEN = comment.outerjoin(user_account, user_account.c.id == comment.c.created_by)


async def answer_by_id(db: Db, project_id: int, comment_id: UUID) -> TeamAnswer | None:
    """Return a message of the team (primary key)."""
    this = (comment.c.project_id == project_id, comment.c.id == comment_id)
    row = (await db.execute(select(*_ANSWER.columns).select_from(_WRITTEN).where(*this))).first()
    return _ANSWER(row) if row else None


async def threads_of(db: Db, project_id: int, answer: TeamAnswer) -> list[SlackThread]:
    """Return the threads that an answer goes to: of its ticket and of those merged into it, or of the one it was sent to.

    Reads the primary key and ix_ticket_merge_survivor.
    """
    if answer.ticket_id is None:
        return []
    t, m = ticket.c, ticket_merge.c
    is_wanted = t.id == (answer.via_ticket_id or answer.ticket_id)
    if answer.via_ticket_id is None:
        merged = select(m.merged_id).where(
            m.project_id == project_id, m.survivor_id == answer.ticket_id, MERGED
        )
        is_wanted = or_(is_wanted, t.id.in_(merged))
    is_there = (t.slack_thread_ts.is_not(None), or_(t.deleted_at.is_(None), t.is_merged))
    wanted = select(t.id, t.slack_channel_id, t.slack_thread_ts)
    rows = await db.execute(wanted.where(t.project_id == project_id, is_wanted, *is_there))
    return [SlackThread(row.id, row.slack_channel_id, row.slack_thread_ts) for row in rows]


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
_OF_PROJECT = ticket.join(project, project.c.id == ticket.c.project_id)


async def told_ticket(db: Db, project_id: int, ticket_id: UUID) -> ToldTicket | None:
    """Return what is told of a ticket (primary key)."""
    this = (ticket.c.project_id == project_id, ticket.c.id == ticket_id)
    row = (await db.execute(select(*_TOLD.columns).select_from(_OF_PROJECT).where(*this))).first()
    return _TOLD(row) if row else None
