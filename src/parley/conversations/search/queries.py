"""Texts that hold a term: all of a project's through an index, or those of one ticket after the other.

The index is ix_search_text, a GIN index of trigrams on PostgreSQL, or search_index, an FTS5 table of SQLite
(docs/decisions/0011-search.md).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.types import Text, Uuid

from parley.conversations.tickets.queries.tickets import PROJECT
from parley.conversations.tickets.tables import (
    DELETED,
    comment,
    search_index,
    search_text,
    ticket,
    ticket_merge,
)
from parley.kernel.database.prepared import Prepared
from parley.kernel.text.search import (
    holds,
    is_indexed,
    match_phrase,
    parts_of,
)

# A project has this many places in the index of SQLite (migration 0003).
PLACES = literal_column(str(1 << 40), Integer)
TextKey = tuple[int, UUID, UUID]
"""Where a text stands: the project, under what it is found, and whose it is."""
LOOKED_AT = 20_000
"""How many tickets are looked at, those that changed last, where a text is too short for the index."""
NO_TICKET = UUID(int=0)
"""Under this stand the comments that are no messages."""
ONE = literal_column("1", Integer)

# How many pages of new texts were sorted into ix_search_text (PostgreSQL).
EMPTIED_LIST = Prepared(
    select(func.gin_clean_pending_list(literal_column("CAST('ix_search_text' AS regclass)")))
)


# What the database may have folded in another way than Python, in the words of ix_search_text_unfolded.
_MAY_DIFFER = literal_column(
    r"""folding = 0 AND (text COLLATE "C") ~ '[^!-~ \x1f]|  |^ | $| \x1f|\x1f '""".replace(r"\x1f", "\x1f"),
    Boolean,
)


FOLDING = 1
"""The version of `kernel.text.folded` that the texts in the index have been through."""
# The text of a row that is inserted by the same statement, unless it is empty.
GIVEN_TEXT = select(
    bindparam("in_project", type_=Integer),
    bindparam("about_id", type_=Uuid()),
    bindparam("text_id", type_=Uuid()),
    bindparam("folded", type_=Text()),
    literal_column(str(FOLDING), SmallInteger),
).where(bindparam("folded", type_=Text()) != literal_column("''"))
SUBJECT = Prepared(
    select(ticket.c.email_subject).where(PROJECT, ticket.c.id == bindparam("ticket_id", type_=Uuid()))
)


def unfolded_texts(n: int) -> Select[Any]:
    """Return the SELECT of the keys of `n` texts that Python hasn't folded yet, locked (ix_search_text_unfolded)."""
    key = (search_text.c.project_id, search_text.c.about_id, search_text.c.id)
    return select(*key).where(_MAY_DIFFER).order_by(*key).limit(n).with_for_update(skip_locked=True)


def unfolded_comments(keys: Sequence[TextKey]) -> Select[Any]:
    """Return the SELECT of the words of those of the texts that are comments (primary key)."""
    of = tuple_(comment.c.project_id, comment.c.id)
    wanted = [(project_id, id) for project_id, about_id, id in keys if about_id != id]
    return select(comment.c.project_id, comment.c.id, comment.c.content).where(of.in_(wanted))


def unfolded_tickets(keys: Sequence[TextKey]) -> Select[Any]:
    """Return the SELECT of the words of those of the texts that are tickets (primary key)."""
    of = tuple_(ticket.c.project_id, ticket.c.id)
    wanted = [(project_id, id) for project_id, about_id, id in keys if about_id == id]
    words = (ticket.c.anonymous_traits, ticket.c.email_subject)
    return select(ticket.c.project_id, ticket.c.id, *words).where(of.in_(wanted))


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
    """Narrow a SELECT of tickets to those with every part of the term in a text, found through the index of texts."""
    sought, others = _sought(term)
    found = _texts_with((sought,), dialect, is_alone=is_alone).with_only_columns(search_text.c.about_id)
    return matching.where(
        ticket.c.id.in_(found), *(_is_in_a_text_of(ticket, part, dialect) for part in others)
    )


def _sought(term: str) -> tuple[str, tuple[str, ...]]:
    """Return the part that is looked up in the index of texts, and those that are looked for in what it finds.

    The longest one is the rarest, as a rule. To look up each of them would mean to read all texts that have the others.
    """
    parts = parts_of(term)
    sought = max((part for part in parts if is_indexed(part)), key=len)
    return sought, tuple(part for part in parts if part != sought)


def count_through_texts(term: str, dialect: str, *, is_alone: bool) -> Select[Any]:
    """Return the SELECT that counts the live tickets with the term without reading each of them.

    Which tickets have it, the index of texts says. Those that are deleted are few (ix_ticket_deleted). Only a ticket
    that is found by its own words alone is looked up: what else has no text but its own are merged tickets, and
    comments that are no messages.
    """
    said = func.max(case((search_text.c.id != search_text.c.about_id, 1), else_=0)).label("said")
    sought, others = _sought(term)
    texts = _texts_with((sought,), dialect, is_alone=is_alone)
    texts = texts.with_only_columns(search_text.c.about_id, said).where(search_text.c.about_id != NO_TICKET)
    found = texts.group_by(search_text.c.about_id).subquery("found")
    deleted = select(ticket.c.id).where(PROJECT, DELETED)
    live = select(true()).where(PROJECT, ticket.c.id == found.c.about_id, ticket.c.deleted_at.is_(None))
    # As a value, so that it is asked of one after the other and never turned into a scan of all tickets.
    is_live = live.limit(ONE).correlate(found).scalar_subquery().is_(true())
    counted = select(func.count()).select_from(found)
    rest = (_is_in_a_text(found.c.about_id, found, part, dialect) for part in others)
    return counted.where(
        *rest,
        or_(and_(found.c.said == 1, found.c.about_id.not_in(deleted)), and_(found.c.said == 0, is_live)),
    )


def found_texts(term: str, dialect: str, *, is_alone: bool) -> Select[Any]:
    """Return the SELECT of the project's texts that have every part of the term.

    `is_alone`: a good part of all texts are the project's. PostgreSQL then doesn't look the project up in the index,
    which takes as long as there are texts of it.
    """
    return _texts_with(parts_of(term), dialect, is_alone=is_alone)


def _texts_with(parts: tuple[str, ...], dialect: str, *, is_alone: bool) -> Select[Any]:
    found = select(search_text.c.about_id, search_text.c.id)
    if dialect != "sqlite":
        project_id = search_text.c.project_id
        # The same to the reader, but no index is asked for it.
        mine = project_id.is_not_distinct_from(_project()) if is_alone else project_id == _project()
        return found.where(mine, *(holds(search_text.c.text, part, dialect) for part in parts))
    place = search_index.c.rowid
    phrases = " AND ".join(match_phrase(part) for part in parts if is_indexed(part))
    wanted: BindParameter[str] = bindparam("phrases", phrases, unique=True)
    return found.join_from(search_index, search_text, search_text.c.place == place).where(
        literal_column("search_index").op("MATCH")(wanted),
        *(holds(search_text.c.text, part, dialect) for part in parts if not is_indexed(part)),
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
    """Return the condition that the ticket has every part of the term in a text (pk_search_text, uq_search_text)."""
    return and_(true(), *(_is_in_a_text_of(ticket, part, dialect) for part in parts_of(term)))


def is_found_by(
    text_of: FromClause, about_id: ColumnElement[Any], term: str, dialect: str
) -> ColumnElement[bool]:
    """Return the condition that the one text of a row, which stands under `about_id`, has every part of the term."""
    texts: Select[Any] = select(ONE).where(
        search_text.c.project_id == _project(),
        search_text.c.about_id == about_id,
        search_text.c.id == text_of.c.id,
        *(holds(search_text.c.text, part, dialect) for part in parts_of(term)),
    )
    return texts.correlate(text_of).exists()


def _is_in_a_text_of(of: FromClause, part: str, dialect: str) -> ColumnElement[bool]:
    return _is_in_a_text(of.c.id, of, part, dialect)


def _is_in_a_text(
    about_id: ColumnElement[Any], of: FromClause, part: str, dialect: str
) -> ColumnElement[bool]:
    texts: Select[Any] = select(true()).where(
        search_text.c.project_id == _project(),
        search_text.c.about_id == about_id,
        holds(search_text.c.text, part, dialect),
    )
    # As a value, so that it is asked of one ticket after the other and never turned into a join.
    return texts.limit(ONE).correlate(of).scalar_subquery().is_(true())


def _project() -> BindParameter[int]:
    return bindparam("project_id", type_=Integer)
