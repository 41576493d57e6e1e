"""The ticket that a mail continues, and the ids of a ticket's mails."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Integer, and_, bindparam, func, select

from parley.conversations.tickets.rules.ids import MAX_NUMBER
from parley.conversations.tickets.tables import comment, ticket
from parley.email.threading.rules import Origin, bare_ids, digest_of
from parley.email.threading.tables import email_reference
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

c = email_reference.c
MOST_OF_TICKET = 100
"""Message ids that a mail of ours names: more make headers that some servers refuse."""


class Reference(msgspec.Struct, frozen=True):
    """A message id that a ticket knows. `ticket_id` is where its message is now, merges left aside."""

    digest: str
    ticket_id: UUID
    origin: Origin


# A message may have been split off into another ticket; where a merge has brought it, un-merging takes it back.
_PLACE = func.coalesce(comment.c.home_ticket_id, comment.c.ticket_id, c.ticket_id)
_REFERENCE = StructColumns(Reference, email_reference, ticket_id=_PLACE)
_KNOWN = Prepared(
    select(*_REFERENCE.columns)
    .select_from(
        email_reference.outerjoin(
            comment, and_(comment.c.project_id == c.project_id, comment.c.id == c.comment_id)
        )
    )
    .where(c.project_id == bindparam("project_id"), is_one_of(c.digest, listed("digests", c.digest)))
)


async def known_reference(db: Db, project_id: int, ids: Sequence[str]) -> Reference | None:
    """Return the first of these message ids that a ticket knows (primary key); the most telling one comes first.

    Ids of mails that are here count before ids that are only named: anybody can name any. The ticket may be merged, or
    deleted.
    """
    digests = [digest_of(id) for id in bare_ids(reversed(ids))][::-1]
    if not digests:
        return None
    rows = await db.rows(_KNOWN, project_id=project_id, digests=digests)
    found = {one.digest: one for one in map(_REFERENCE, rows)}
    in_order = [found[digest] for digest in digests if digest in found]
    return min(in_order, key=lambda one: one.origin == "named", default=None)


class ThreadIds(msgspec.Struct, frozen=True):
    """The message ids of a ticket's mails, oldest first, and that of the latest mail that came in."""

    ids: list[str]
    latest_received: str | None


_MINE = (c.project_id == bindparam("project_id"), is_one_of(c.ticket_id, listed("tickets", c.ticket_id)))
_IDS = Prepared(
    select(c.message_id, c.origin)
    .where(*_MINE)
    .order_by(c.created_at.desc(), c.digest)
    .limit(bindparam("limit", type_=Integer))
)
_MERGED_NUMBERS = Prepared(
    select(ticket.c.merged_numbers).where(
        ticket.c.project_id == bindparam("project_id"), ticket.c.id == bindparam("ticket_id")
    )
)
_BY_NUMBERS = Prepared(
    select(ticket.c.id).where(
        ticket.c.project_id == bindparam("project_id"),
        is_one_of(ticket.c.number, listed("numbers", ticket.c.number)),
    )
)


async def message_ids_of(db: Db, project_id: int, ticket_id: UUID) -> ThreadIds:
    """Return the ids that an answer on a ticket names, those of the tickets merged into it included.

    Served by ix_email_reference_ticket.
    """
    row = await db.row(_MERGED_NUMBERS, project_id=project_id, ticket_id=ticket_id)
    tickets = [ticket_id]
    if row and row[0]:
        merged = await db.rows(_BY_NUMBERS, project_id=project_id, numbers=list(row[0]))
        tickets += [one[0] for one in merged]
    rows = await db.rows(_IDS, project_id=project_id, tickets=tickets, limit=MOST_OF_TICKET)
    latest = next((id for id, origin in rows if origin == "received"), None)
    return ThreadIds([row[0] for row in reversed(rows)], latest)


_BY_NUMBER = Prepared(
    select(ticket.c.id).where(
        ticket.c.project_id == bindparam("project_id"), ticket.c.number == bindparam("number")
    )
)


async def ticket_id_of_number(db: Db, project_id: int, number: int) -> UUID | None:
    """Return the ticket with this number, be it live, merged or deleted (unique index of numbers)."""
    if number > MAX_NUMBER:
        return None
    row = await db.row(_BY_NUMBER, project_id=project_id, number=number)
    return row[0] if row else None
