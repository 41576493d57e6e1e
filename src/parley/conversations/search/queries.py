"""Texts that hold a term: all of a project's through an index, or those of one ticket after the other.

The index is ix_search_text, a GIN index of trigrams on PostgreSQL, or search_index, an FTS5 table of SQLite
(docs/decisions/0011-search.md).
"""

from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    true,
)

from parley.conversations.search.tables import search_index, search_text
from parley.kernel.database.prepared import Prepared
from parley.kernel.text.search_terms import (
    holds,
    is_indexed,
    match_phrase,
    parts_of,
)

# A project has this many places in the index of SQLite (migration 0003).
PLACES = literal_column(str(1 << 40), Integer)
PROJECT = bindparam("project_id", type_=Integer)
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


def unfolded_texts(n: int) -> Select[Any]:
    """Return the SELECT of the keys of `n` texts that Python hasn't folded yet, locked (ix_search_text_unfolded)."""
    key = (search_text.c.project_id, search_text.c.about_id, search_text.c.id)
    return select(*key).where(_MAY_DIFFER).order_by(*key).limit(n).with_for_update(skip_locked=True)


def texts_with(parts: tuple[str, ...], dialect: str, *, is_alone: bool) -> Select[Any]:
    """Return the SELECT of the project's texts that have every one of the parts.

    `is_alone`: a good part of all texts are the project's. PostgreSQL then doesn't look the project up in the index,
    which takes as long as there are texts of it.
    """
    found = select(search_text.c.about_id, search_text.c.id)
    if dialect != "sqlite":
        project_id = search_text.c.project_id
        # The same to the reader, but no index is asked for it.
        mine = project_id.is_not_distinct_from(PROJECT) if is_alone else project_id == PROJECT
        return found.where(mine, *(holds(search_text.c.text, part, dialect) for part in parts))
    place = search_index.c.rowid
    phrases = " AND ".join(match_phrase(part) for part in parts if is_indexed(part))
    wanted: BindParameter[str] = bindparam("phrases", phrases, unique=True)
    return found.join_from(search_index, search_text, search_text.c.place == place).where(
        literal_column("search_index").op("MATCH")(wanted),
        *(holds(search_text.c.text, part, dialect) for part in parts if not is_indexed(part)),
        place.between(PROJECT * PLACES, (PROJECT + 1) * PLACES - 1),
    )


def is_found_by(
    text_of: FromClause, about_id: ColumnElement[Any], term: str, dialect: str
) -> ColumnElement[bool]:
    """Return the condition that the one text of a row, which stands under `about_id`, has every part of the term."""
    texts: Select[Any] = select(ONE).where(
        search_text.c.project_id == PROJECT,
        search_text.c.about_id == about_id,
        search_text.c.id == text_of.c.id,
        *(holds(search_text.c.text, part, dialect) for part in parts_of(term)),
    )
    return texts.correlate(text_of).exists()


def has_text_with(
    part: str, about_id: ColumnElement[Any], of: FromClause, dialect: str
) -> ColumnElement[bool]:
    """Return the condition that a text which stands under the `about_id` of a row of `of` has a part of the term."""
    texts: Select[Any] = select(true()).where(
        search_text.c.project_id == PROJECT,
        search_text.c.about_id == about_id,
        holds(search_text.c.text, part, dialect),
    )
    # As a value, so that it is asked of one ticket after the other and never turned into a join.
    return texts.limit(ONE).correlate(of).scalar_subquery().is_(true())
