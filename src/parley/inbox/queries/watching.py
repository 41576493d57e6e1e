"""The recording in which a ticket's customer can be watched."""

from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from sqlalchemy import bindparam, false, func, literal_column, or_, select

from parley.analytics.recordings.tables import recording
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.tables import comment
from parley.kernel.database.columns import UtcDateTime
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor

LEAD = timedelta(seconds=5)
"""What is watched begins so long before the message."""


_WRITTEN = (
    select(func.max(comment.c.created_at))
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.ticket_id == bindparam("ticket_id", type_=comment.c.ticket_id.type),
        comment.c.author_type == literal_column("'customer'"),
        comment.c.is_private == false(),
        comment.c.deleted == false(),
        comment.c.created_at <= recording.c.last_seen_at,
    )
    .correlate(recording)
    .scalar_subquery()
)
_WATCHED = Prepared(
    select(_WRITTEN).where(
        recording.c.project_id == bindparam("project_id"),
        recording.c.session_id == bindparam("session_id"),
        recording.c.deleted_at.is_(None),
        or_(recording.c.expires_at.is_(None), recording.c.expires_at > bindparam("now", type_=UtcDateTime)),
    )
)


async def path_to_watch(database: Database, actor: Actor, ticket: TicketOut, now: datetime) -> str | None:
    """Return where the ticket's customer can be watched as they wrote their last message; None without a recording.

    Both times are those of arrival, so a wrong clock of the visitor doesn't matter for which message it is. Served by
    the primary key of recordings and ix_comment_ticket.
    """
    if not ticket.session_id:
        return None
    found = await database.read(
        _WATCHED, project_id=actor.project_id, session_id=ticket.session_id, ticket_id=ticket.id, now=now
    )
    if not found:
        return None
    path = f"/recordings/{quote(ticket.session_id, safe='')}"
    written_at: datetime | None = found[0][0]
    return f"{path}?{urlencode({'at': (written_at - LEAD).isoformat()})}" if written_at else path
