"""Texts that hold a term: all of a project's through an index, or those of one ticket after the other.

The index is ix_search_text, a GIN index of trigrams on PostgreSQL, or search_index, an FTS5 table of SQLite
(docs/decisions/0011-search.md).
"""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)

from parley.kernel.dialect import json_member_text
from parley.kernel.prepared import Prepared
from parley.kernel.search import folded_pattern, holds, match_phrase
from parley.tickets.queries.tickets import PROJECT
from parley.tickets.rules import MESSAGE_SCOPE
from parley.tickets.tables import DELETED, comment, search_index, search_text, ticket, ticket_merge

# A project has this many places in the index of SQLite (migration 0003).
PLACES = literal_column(str(1 << 40), Integer)
LOOKED_AT = 20_000
"""How many tickets are looked at, those that changed last, where a text is too short for the index."""
ONE = literal_column("1", Integer)

# How many pages of new texts were sorted into ix_search_text (PostgreSQL).
EMPTIED_LIST = Prepared(
    select(func.gin_clean_pending_list(literal_column("CAST('ix_search_text' AS regclass)")))
)


def numbered(number: int) -> ColumnElement[bool]:
    """Return the condition for the ticket with this number, or the one that it is merged into (unique keys)."""
    found = select(ticket.c.id).where(PROJECT, ticket.c.number == number).cte("numbered", recursive=True)
    further = select(ticket_merge.c.survivor_id).where(
        ticket_merge.c.project_id == _project(),
        ticket_merge.c.merged_id == found.c.id,
        ticket_merge.c.undone_at.is_(None),
    )
    return ticket.c.id.in_(select(found.union(further).c.id))


def indexed(matching: Select[Any], term: str, dialect: str, *, is_alone: bool) -> Select[Any]:
    """Narrow a SELECT of tickets to those with the term in a text, found through the index of texts."""
    found = found_texts(term, dialect, is_alone=is_alone).with_only_columns(search_text.c.about_id)
    return matching.where(ticket.c.id.in_(found))


def count_through_texts(term: str, dialect: str, *, is_alone: bool) -> Select[Any]:
    """Return the SELECT that counts the live tickets with the term without reading each of them.

    Which tickets have it, the index of texts says. Those that are deleted are few (ix_ticket_deleted). Only a ticket
    that is found by its own words alone is looked up: what else has no text but its own are merged tickets, and
    comments that are no messages.
    """
    said = func.max(case((search_text.c.id != search_text.c.about_id, 1), else_=0)).label("said")
    texts = found_texts(term, dialect, is_alone=is_alone).with_only_columns(search_text.c.about_id, said)
    found = texts.group_by(search_text.c.about_id).subquery("found")
    deleted = select(ticket.c.id).where(PROJECT, DELETED)
    live = select(true()).where(PROJECT, ticket.c.id == found.c.about_id, ticket.c.deleted_at.is_(None))
    # As a value, so that it is asked of one after the other and never turned into a scan of all tickets.
    is_live = live.limit(ONE).correlate(found).scalar_subquery().is_(true())
    counted = select(func.count()).select_from(found)
    return counted.where(
        or_(and_(found.c.said == 1, found.c.about_id.not_in(deleted)), and_(found.c.said == 0, is_live))
    )


def found_texts(term: str, dialect: str, *, is_alone: bool) -> Select[Any]:
    """Return the SELECT of the project's texts with the term.

    `is_alone`: a good part of all texts are the project's. PostgreSQL then doesn't look the project up in the index,
    which takes as long as there are texts of it.
    """
    found = select(search_text.c.about_id, search_text.c.id)
    if dialect != "sqlite":
        project_id = search_text.c.project_id
        # The same to the reader, but no index is asked for it.
        mine = project_id.is_not_distinct_from(_project()) if is_alone else project_id == _project()
        return found.where(mine, search_text.c.text.like(folded_pattern(term)))
    place = search_index.c.rowid
    phrase: BindParameter[str] = bindparam("phrase", match_phrase(term), unique=True)
    return found.join_from(search_index, search_text, search_text.c.place == place).where(
        literal_column("search_index").op("MATCH")(phrase),
        place.between(_project() * PLACES, (_project() + 1) * PLACES - 1),
    )


def newest() -> ColumnElement[bool]:
    """Return the condition that a ticket is one of the `LOOKED_AT` that changed last (ix_ticket_recent)."""
    inner = ticket.alias("newest")
    ids = (
        select(inner.c.id)
        .where(inner.c.project_id == _project(), inner.c.deleted_at.is_(None))
        .order_by(inner.c.updated_at.desc(), inner.c.number.desc())
        .limit(LOOKED_AT)
    )
    return ticket.c.id.in_(ids)


def looked_at(term: str, dialect: str) -> ColumnElement[bool]:
    """Return the condition that the ticket has the term in a text (pk_search_text; ix_comment_ticket on SQLite)."""
    if dialect != "sqlite":
        texts: Select[Any] = select(true()).where(
            search_text.c.project_id == _project(),
            search_text.c.about_id == ticket.c.id,
            search_text.c.text.like(folded_pattern(term)),
        )
        # As a value, so that it is asked of one ticket after the other and never turned into a join.
        return texts.limit(ONE).correlate(ticket).scalar_subquery().is_(true())
    said: Select[Any] = select(ONE).where(
        comment.c.project_id == _project(),
        comment.c.ticket_id == ticket.c.id,
        comment.c.scope == MESSAGE_SCOPE,
        comment.c.deleted == false(),
        holds(comment.c.content, term, dialect),
    )
    traits = (
        json_member_text(ticket.c.anonymous_traits, literal_column(f"'{name}'")) for name in ("name", "email")
    )
    own = (holds(words, term, dialect) for words in (*traits, ticket.c.email_subject))
    return or_(*own, said.correlate(ticket).exists())


def _project() -> BindParameter[int]:
    return bindparam("project_id", type_=Integer)
