"""Tickets that hold a text: by their number, through the index of all texts, or by looking at each of a few tickets."""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    false,
    literal_column,
    or_,
    select,
    true,
)

from parley.kernel.db import Db
from parley.kernel.dialect import json_member_text
from parley.kernel.prepared import Prepared
from parley.kernel.search import folded_pattern, holds, is_indexed, match_phrase
from parley.tickets.queries.tickets import PROJECT
from parley.tickets.rules import MESSAGE_SCOPE
from parley.tickets.rules.filters import searched_number
from parley.tickets.tables import comment, search_index, search_text, ticket, ticket_ledger, ticket_merge

# A project has this many places in the index of SQLite (migration 0003).
PLACES = literal_column(str(1 << 40), Integer)
LOOKED_AT = 20_000
"""How many tickets are looked at, those that changed last, where a text is too short for the index."""


LAST_NUMBER = Prepared(
    select(ticket_ledger.c.last_number).where(ticket_ledger.c.project_id == bindparam("project_id"))
)


def numbered(number: int) -> ColumnElement[bool]:
    """Return the condition for the ticket with this number, or the one that it is merged into (unique keys)."""
    start = select(ticket.c.id).where(PROJECT, ticket.c.number == number)
    found = start.cte("numbered", recursive=True)
    merge = ticket_merge
    further = select(merge.c.survivor_id).where(
        merge.c.project_id == _project(), merge.c.merged_id == found.c.id, merge.c.undone_at.is_(None)
    )
    found = found.union(further)
    return ticket.c.id.in_(select(found.c.id))


async def narrowed(db: Db, project_id: int, matching: Select[Any], search: str) -> Select[Any]:
    """Narrow a SELECT of tickets to those that fit what is searched for."""
    number = searched_number(search)
    if number is not None:
        return matching.where(numbered(number))
    if is_indexed(search):
        return indexed(matching, search, db.dialect.name)
    ledger = await db.row(LAST_NUMBER, project_id=project_id)
    is_large = ledger is not None and ledger[0] > LOOKED_AT
    return matching.where(looked_at(search, db.dialect.name, only_newest=is_large))


def indexed(matching: Select[Any], term: str, dialect: str) -> Select[Any]:
    """Narrow a SELECT of tickets to those with the term in a text, found through the index of texts."""
    about = found_texts(term, dialect).with_only_columns(search_text.c.about_id).distinct()
    found = about.cte("found").prefix_with("MATERIALIZED")
    return matching.join_from(ticket, found, found.c.about_id == ticket.c.id)


def found_texts(term: str, dialect: str) -> Select[Any]:
    """Return the SELECT of the project's texts with the term (ix_search_text; search_index on SQLite)."""
    found = select(search_text.c.about_id, search_text.c.id)
    if dialect != "sqlite":
        return found.where(
            search_text.c.project_id == _project(), search_text.c.text.like(folded_pattern(term))
        )
    place = search_index.c.rowid
    phrase: BindParameter[str] = bindparam("phrase", match_phrase(term), unique=True)
    return found.join_from(search_index, search_text, search_text.c.place == place).where(
        literal_column("search_index").op("MATCH")(phrase),
        place.between(_project() * PLACES, (_project() + 1) * PLACES - 1),
    )


def looked_at(term: str, dialect: str, *, only_newest: bool) -> ColumnElement[bool]:
    """Return the condition that a ticket holds the term, looking at each ticket's texts.

    `only_newest`: of the `LOOKED_AT` tickets that changed last (ix_ticket_recent).
    """
    condition = text_of_ticket(ticket.c.id, term, dialect)
    if not only_newest:
        return condition
    inner = ticket.alias("newest")
    newest = (
        select(inner.c.id)
        .where(inner.c.project_id == _project(), inner.c.deleted_at.is_(None))
        .order_by(inner.c.updated_at.desc(), inner.c.number.desc())
        .limit(LOOKED_AT)
    )
    return and_(ticket.c.id.in_(newest), condition)


def text_of_ticket(ticket_id: ColumnElement[Any], term: str, dialect: str) -> ColumnElement[bool]:
    """Return the condition that one ticket holds the term (pk_search_text; ix_comment_ticket on SQLite)."""
    if dialect != "sqlite":
        own: Select[Any] = select(true()).where(
            search_text.c.project_id == _project(),
            search_text.c.about_id == ticket_id,
            search_text.c.text.like(folded_pattern(term)),
        )
        # As a value, so that it is asked of one ticket after the other and never turned into a join.
        return own.limit(literal_column("1")).scalar_subquery().is_(true())
    said: Select[Any] = select(literal_column("1")).where(
        comment.c.project_id == _project(),
        comment.c.ticket_id == ticket_id,
        comment.c.scope == MESSAGE_SCOPE,
        comment.c.deleted == false(),
        holds(comment.c.content, term, dialect),
    )
    mine = ticket.alias("mine")
    words = (
        *(
            json_member_text(mine.c.anonymous_traits, literal_column(f"'{name}'"))
            for name in ("name", "email")
        ),
        mine.c.email_subject,
    )
    own = select(literal_column("1")).where(
        mine.c.project_id == _project(),
        mine.c.id == ticket_id,
        or_(*(holds(word, term, dialect) for word in words)),
    )
    return or_(said.exists(), own.exists())


def _project() -> BindParameter[int]:
    return bindparam("project_id", type_=Integer)
