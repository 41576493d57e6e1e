"""The messages in which the words of a search stand."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import and_, bindparam, false, select

from parley.conversations.search.tables import search_text
from parley.conversations.tickets.queries.tickets import PROJECT
from parley.conversations.tickets.tables import comment, ticket
from parley.kernel.database.database import Database
from parley.kernel.text.search_terms import holds


class FoundMessage(msgspec.Struct, frozen=True):
    """The newest message of a ticket that has a word of the search."""

    content: str
    is_private: bool
    created_by: int | None  # a member; None for customers


async def found_messages(
    database: Database, project_id: int, ticket_ids: Sequence[UUID], part: str
) -> dict[UUID, FoundMessage]:
    """Return, for each ticket of a page, the newest message with a part of a search; those that have none are missing.

    Served by pk_search_text or uq_search_text, ticket by ticket, then by the primary key of comments.
    """
    if not ticket_ids or not part:
        return {}
    newest = (
        select(search_text.c.id)
        .where(
            search_text.c.project_id == bindparam("project_id"),
            search_text.c.about_id == ticket.c.id,
            search_text.c.id != ticket.c.id,
            holds(search_text.c.text, part, database.dialect),
        )
        .order_by(search_text.c.id.desc())
        .limit(1)
        .correlate(ticket)
        .scalar_subquery()
    )
    found = select(ticket.c.id, newest.label("message_id")).where(PROJECT, ticket.c.id.in_(ticket_ids))
    async with database.transaction(write=False) as db:
        values = {"project_id": project_id}
        of = {row.message_id: row.id for row in await db.execute(found, values) if row.message_id}
        c = comment.c
        mine = and_(c.project_id == project_id, c.id.in_(list(of)), c.deleted == false())
        rows = (
            (await db.execute(select(c.id, c.content, c.is_private, c.created_by).where(mine))).all()
            if of
            else []
        )
    return {of[row.id]: FoundMessage(row.content, row.is_private, row.created_by) for row in rows}
