"""Everything on tickets that somebody has written or is named in, deleted and merged tickets included."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Text, bindparam, func, literal_column, or_, select

from parley.conversations.bulk_changes.queries import tags_of_tickets
from parley.conversations.participants.tables import ticket_participant
from parley.conversations.tickets.tables import (
    HAS_ADDRESS,
    OF_CUSTOMER,
    STATED_EMAIL_KEY,
    VIA,
    comment,
    ticket,
    ticket_merge,
)
from parley.kernel.database.bulk import ListOf, is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

# In the words of the index, so that it serves it.
AUTHOR = literal_column("substr(item_context ->> 'distinct_id', 1, 400)", Text)
IN_PROJECT = ticket.c.project_id == bindparam("project_id")
TEXTS = bindparam("texts", type_=ListOf(Text()))


class TicketOfRequester(msgspec.Struct, frozen=True):
    """A ticket by who has opened it. `stated_email` is what they said their address is; addresses are in lower case."""

    id: UUID
    number: int
    distinct_id: str
    identity_verified: bool | None
    stated_email: str | None
    email_from: str | None

    @property
    def emails(self) -> set[str]:
        return {email for email in (self.stated_email, self.email_from) if email}


_OWNED_TICKET = StructColumns(
    TicketOfRequester, ticket, stated_email=STATED_EMAIL_KEY, email_from=func.lower(ticket.c.email_from)
)
_OWNED = select(*_OWNED_TICKET.columns).where(IN_PROJECT)
_BY_DISTINCT_ID = Prepared(_OWNED.where(is_one_of(ticket.c.distinct_id, TEXTS)))
_BY_STATED_EMAIL = Prepared(_OWNED.where(is_one_of(STATED_EMAIL_KEY, TEXTS)))
_BY_ADDRESS = Prepared(_OWNED.where(HAS_ADDRESS, is_one_of(func.lower(ticket.c.email_from), TEXTS)))


async def tickets_of_distinct_ids(
    db: Db, project_id: int, distinct_ids: Sequence[str]
) -> list[TicketOfRequester]:
    """Return the tickets of the distinct ids (ix_ticket_distinct_id)."""
    rows = await db.rows(_BY_DISTINCT_ID, project_id=project_id, texts=distinct_ids) if distinct_ids else ()
    return [_OWNED_TICKET(row) for row in rows]


async def tickets_of_emails(db: Db, project_id: int, emails: Sequence[str]) -> list[TicketOfRequester]:
    """Return the tickets whose customer has stated, or written from, one of the addresses.

    Served by ix_ticket_told_email and ix_ticket_email.
    """
    if not emails:
        return []
    found = [
        row
        for prepared in (_BY_STATED_EMAIL, _BY_ADDRESS)
        for row in await db.rows(prepared, project_id=project_id, texts=emails)
    ]
    return list({one.id: one for one in (_OWNED_TICKET(row) for row in found)}.values())


_COLUMNS = [column for column in ticket.c if column.name != "project_id"]
_WHOLE = Prepared(
    select(*_COLUMNS)
    .where(IN_PROJECT, is_one_of(ticket.c.id, listed("ids", ticket.c.id)))
    .order_by(ticket.c.number)
)


async def whole_tickets(db: Db, project_id: int, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return tickets as they are stored, with their tags, participants and merges, by number (primary key)."""
    tags = await tags_of_tickets(db, project_id, ids)
    merges = await stored_merges(db, project_id, ids)
    rows = await db.rows(_ON_TICKET, project_id=project_id, ids=ids)
    participants = [_PARTICIPATION(row) for row in rows]
    found = []
    for row in await db.rows(_WHOLE, project_id=project_id, ids=ids):
        whole = {column.name: value for column, value in zip(_COLUMNS, row, strict=True)}
        whole["ticket_number"] = whole.pop("number")
        whole["tags"] = tags.get(whole["id"], [])
        whole["participants"] = [one for one in participants if one.ticket_id == whole["id"]]
        whole["merges"] = [one for one in merges if whole["id"] in (one.merged_id, one.survivor_id)]
        found.append(whole)
    return found


class StoredMerge(msgspec.Struct, frozen=True):
    """One ticket merged into another; undone where `undone_at` is set."""

    id: UUID
    merged_id: UUID
    survivor_id: UUID
    merged_at: Any
    undone_at: Any


_MERGE = StructColumns(StoredMerge, ticket_merge)
_MERGES = Prepared(
    select(*_MERGE.columns)
    .where(
        ticket_merge.c.project_id == bindparam("project_id"),
        or_(
            is_one_of(ticket_merge.c.merged_id, listed("ids", ticket_merge.c.merged_id)),
            is_one_of(ticket_merge.c.survivor_id, listed("ids", ticket_merge.c.merged_id)),
        ),
    )
    .order_by(ticket_merge.c.merged_at, ticket_merge.c.id)
)


async def stored_merges(db: Db, project_id: int, ids: Iterable[UUID]) -> list[StoredMerge]:
    """Return the merges with any of the tickets, undone ones included, in the order of time; reads the project's merges."""
    rows = await db.rows(_MERGES, project_id=project_id, ids=list(ids))
    return [_MERGE(row) for row in rows]


async def targets_of(db: Db, project_id: int, ids: Iterable[UUID]) -> set[UUID]:
    """Return the tickets that any of these were ever merged into, directly or through others."""
    found: set[UUID] = set()
    wanted = set(ids)
    while wanted:
        merges = await stored_merges(db, project_id, wanted)
        wanted = {one.survivor_id for one in merges if one.merged_id in wanted} - found
        found |= wanted
    return found


class Participation(msgspec.Struct, frozen=True):
    """Somebody who takes part in a ticket."""

    id: UUID
    ticket_id: UUID
    email: str | None
    distinct_id: str | None
    name: str | None
    created_at: Any


_PARTICIPATION = StructColumns(Participation, ticket_participant)
_PARTICIPATIONS = select(*_PARTICIPATION.columns).where(
    ticket_participant.c.project_id == bindparam("project_id")
)
_ON_TICKET = Prepared(
    _PARTICIPATIONS.where(
        is_one_of(ticket_participant.c.ticket_id, listed("ids", ticket_participant.c.ticket_id))
    ).order_by(ticket_participant.c.created_at, ticket_participant.c.id)
)
_BY_IDENTIFIER = [
    Prepared(_PARTICIPATIONS.where(is_one_of(column, TEXTS)))
    for column in (ticket_participant.c.email, ticket_participant.c.distinct_id)
]


async def participations(
    db: Db, project_id: int, distinct_ids: Sequence[str], emails: Sequence[str]
) -> list[Participation]:
    """Return where somebody takes part (ix_ticket_participant_email, ix_ticket_participant_distinct_id)."""
    found: dict[UUID, Participation] = {}
    for prepared, texts in zip(_BY_IDENTIFIER, (emails, distinct_ids), strict=True):
        rows = await db.rows(prepared, project_id=project_id, texts=texts) if texts else ()
        found |= {one.id: one for one in (_PARTICIPATION(row) for row in rows)}
    return sorted(found.values(), key=lambda one: (one.created_at, one.id))


class CommentRecord(msgspec.Struct, frozen=True):
    """A comment as it is stored."""

    id: UUID
    scope: str
    ticket_id: UUID | None
    via_ticket_id: UUID | None
    home_ticket_id: UUID | None
    author_type: str
    is_private: bool
    content: str
    rich_content: Any
    item_context: dict[str, Any]
    created_by: int | None
    deleted: bool
    created_at: Any


_COMMENT = StructColumns(CommentRecord, comment)
_COMMENTS = select(*_COMMENT.columns).where(comment.c.project_id == bindparam("project_id"))
_ORDER = (comment.c.created_at, comment.c.id)
_ON_TICKETS = Prepared(
    _COMMENTS.where(is_one_of(comment.c.ticket_id, listed("ids", comment.c.ticket_id))).order_by(*_ORDER)
)
_VIA = Prepared(
    _COMMENTS.where(VIA, is_one_of(comment.c.via_ticket_id, listed("ids", comment.c.via_ticket_id)))
)
# One after the other and without an order: SQLite might rather read all of the project in the order of time.
_BY_AUTHOR = Prepared(_COMMENTS.where(OF_CUSTOMER, bindparam("author", type_=Text()) == AUTHOR))
_ABOUT_PERSONS = Prepared(
    _COMMENTS.where(comment.c.scope == "Person", is_one_of(comment.c.item_id, TEXTS)).order_by(*_ORDER)
)


async def messages_on(db: Db, project_id: int, ids: Sequence[UUID]) -> list[CommentRecord]:
    """Return everything that is written on the tickets, deleted messages and remarks included (ix_comment_ticket)."""
    return [_COMMENT(row) for row in await db.rows(_ON_TICKETS, project_id=project_id, ids=ids)]


async def messages_via(db: Db, project_id: int, ids: Sequence[UUID]) -> list[CommentRecord]:
    """Return what was addressed to the tickets and is on others (ix_comment_via)."""
    return [_COMMENT(row) for row in await db.rows(_VIA, project_id=project_id, ids=ids)]


async def messages_by(db: Db, project_id: int, distinct_ids: Sequence[str]) -> list[CommentRecord]:
    """Return what customers wrote under the distinct ids, on any ticket (ix_comment_customer)."""
    return [
        _COMMENT(row)
        for distinct_id in distinct_ids
        for row in await db.rows(_BY_AUTHOR, project_id=project_id, author=distinct_id)
    ]


async def remarks_about(db: Db, project_id: int, persons: Sequence[UUID]) -> list[CommentRecord]:
    """Return what the team has remarked about the persons themselves (ix_comment_item)."""
    texts = [str(id) for id in persons]
    rows = await db.rows(_ABOUT_PERSONS, project_id=project_id, texts=texts) if texts else ()
    return [_COMMENT(row) for row in rows]
