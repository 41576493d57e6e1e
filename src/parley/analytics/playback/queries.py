"""What a customer wrote while they were recorded, and what a link shows of a recording."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import false, select

from parley.accounts.access_levels.queries.visibility import (
    access_values,
    sees_any_ticket,
    visibility_of,
    visible_tickets,
)
from parley.analytics.recordings.queries.recordings import recording_by_id
from parley.analytics.recordings.queries.shown import public_recording
from parley.analytics.recordings.tables import recording
from parley.conversations.tickets.tables import LIVE, comment, ticket
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor

MOST_TICKETS, MOST_MESSAGES, MOST_TEXT = 50, 200, 200
MARGIN = timedelta(minutes=1)
"""How far clocks of visitors may be off, and how long after the last batch a message still belongs to the visit."""


class WrittenMessage(msgspec.Struct, frozen=True):
    """What a customer wrote, shortened, and on which ticket; `is_of_session` says whether its ticket is of the recording."""

    ticket_number: int
    message_id: UUID
    text: str
    at: datetime
    is_of_session: bool


async def messages_written(
    db: Db, actor: Actor, distinct_ids: Sequence[str], session_id: str, start_at: datetime, end_at: datetime
) -> list[WrittenMessage]:
    """Return what a person wrote between two moments on tickets that the caller sees, the oldest first.

    Whoever knows a distinct id can record under it, so what isn't of the recorded session may be somebody else's. Served
    by ix_ticket_distinct_id and ix_comment_ticket.
    """
    if not sees_any_ticket(actor):
        return []
    theirs = (
        select(ticket.c.id, ticket.c.number, ticket.c.session_id)
        .where(
            ticket.c.project_id == actor.project_id,
            LIVE,
            ticket.c.distinct_id.in_(distinct_ids),
            *visible_tickets(visibility_of(actor), ticket.c.id),
        )
        .order_by(ticket.c.created_at.desc())
        .limit(MOST_TICKETS)
        .subquery("theirs")
    )
    written = (
        select(theirs.c.number, theirs.c.session_id, comment.c.id, comment.c.content, comment.c.created_at)
        .join(theirs, theirs.c.id == comment.c.ticket_id)
        .where(
            comment.c.project_id == actor.project_id,
            comment.c.created_at.between(start_at - MARGIN, end_at + MARGIN),
            comment.c.author_type == "customer",
            comment.c.is_private == false(),
            comment.c.deleted == false(),
        )
        .order_by(comment.c.created_at, comment.c.id)
        .limit(MOST_MESSAGES)
    )
    found = await db.execute(written, {"project_id": actor.project_id, **access_values(actor)})
    rows: Sequence[Any] = found.all()
    return [
        WrittenMessage(number, id, text[:MOST_TEXT], at, is_of_session=of_session == session_id)
        for number, of_session, id, text, at in rows
    ]


async def shared_recording(db: Db, project_id: int, session_id: str, now: datetime) -> dict[str, Any] | None:
    """Return what everybody with a link may know; None once it is deleted or over, its id alone before it has arrived."""
    try:
        found = await recording_by_id(db, project_id, session_id, now)
    except NotFound:
        is_gone = await _is_kept_as_gone(db, project_id, session_id)
        return None if is_gone else {"id": session_id}
    public: dict[str, Any] = msgspec.to_builtins(public_recording(found))
    return public


async def _is_kept_as_gone(db: Db, project_id: int, session_id: str) -> bool:
    """Say whether there is a row of it, although it can't be read any more (primary key)."""
    mine = (recording.c.project_id == project_id, recording.c.session_id == session_id)
    return (await db.execute(select(recording.c.session_id).where(*mine))).first() is not None
