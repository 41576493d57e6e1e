"""The recording in which a ticket's customer can be watched."""

from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

import msgspec
from sqlalchemy import bindparam, false, func, literal_column, or_, select

from parley.analytics.recordings.tables import recording
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.tables import comment
from parley.kernel.database.columns import UtcDateTime
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor
from parley.people.persons.queries.by_identifier import names_the_same

LEAD = timedelta(seconds=5)
"""What is watched begins so long before the message."""


class Watchable(msgspec.Struct, frozen=True):
    """A recording that a ticket names: where it is shown, and whether its visitor is the ticket's customer."""

    path: str
    is_theirs: bool


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
_IS_THEIRS = names_the_same(
    bindparam("project_id"),
    bindparam("distinct_id", type_=recording.c.distinct_id.type),
    recording.c.distinct_id,
)
_WATCHED = Prepared(
    select(_WRITTEN, _IS_THEIRS).where(
        recording.c.project_id == bindparam("project_id"),
        recording.c.session_id == bindparam("session_id"),
        recording.c.deleted_at.is_(None),
        or_(recording.c.expires_at.is_(None), recording.c.expires_at > bindparam("now", type_=UtcDateTime)),
    )
)


async def recording_to_watch(
    database: Database, actor: Actor, ticket: TicketOut, now: datetime
) -> Watchable | None:
    """Return where the session that a ticket names can be watched as its customer wrote last; None without a recording.

    Anybody can name any session, so it is said whether the recording has a distinct id of the ticket or of its person.
    All times are those of arrival, so a wrong clock of the visitor doesn't matter for which message it is. Served by
    the primary keys of recordings and distinct ids, and ix_comment_ticket.
    """
    if not ticket.session_id:
        return None
    found = await database.read(
        _WATCHED,
        project_id=actor.project_id,
        session_id=ticket.session_id,
        ticket_id=ticket.id,
        distinct_id=ticket.distinct_id,
        now=now,
    )
    if not found:
        return None
    written_at: datetime | None = found[0][0]
    path = f"/recordings/{quote(ticket.session_id, safe='')}"
    if written_at:
        path += f"?{urlencode({'at': (written_at - LEAD).isoformat()})}"
    return Watchable(path, bool(found[0][1]))
