"""The index of sources: how many have each word, and which have one of some.

PostgreSQL answers from the GIN index ix_answer_source_words, SQLite from the FTS5 table `answer_index`. Both find whole
tokens. Tokens belong to one project, so neither looks at another one's rows.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Integer,
    Select,
    Text,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)

from parley.kernel.database.bulk import ListOf
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.knowledge.suggested_replies.rules.ranking import Candidate
from parley.knowledge.suggested_replies.tables import answer_source

MOST_COUNTED = 1_000
"""A word that more sources have is as frequent as one that so many have."""
MOST_READ = 1_500
"""About how many sources are ranked for a question, those with its rarest words."""
MOST_SOURCES_COUNTED = 5_000

c = answer_source.c
_TOKENS = bindparam("tokens", type_=ListOf(Text()))
_PROJECT = bindparam("project_id", type_=Integer)
# As in the index: a bound separator would be another expression.
_WORDS = literal_column(
    "string_to_array(answer_source.terms || ' ' || answer_source.answer_terms, ' ')", Text
)
# The same to the reader, but no index is asked for the project, of which the tokens are anyway.
_MINE = c.project_id.is_not_distinct_from(_PROJECT)
_ONE = literal_column("1", Integer)
_ANSWER_INDEX = table("answer_index", column("rowid", BigInteger))
_MATCH = literal_column("answer_index", Text).op("MATCH")
_READ = (c.id, c.ticket_id, c.terms, c.answer_terms)


def _counts(found: Select[Any], values: Any) -> Prepared:
    some = found.limit(literal_column(str(MOST_COUNTED), Integer)).correlate(values).subquery("some")
    counted = select(func.count()).select_from(some).scalar_subquery()
    return Prepared(select(values.c.value, counted).select_from(values))


_given = func.unnest(_TOKENS).table_valued(column("value", Text)).render_derived(name="given")
_HAS_IT = _WORDS.op("@>")(literal_column("ARRAY[given.value]", Text))
_COUNTS = _counts(select(_ONE).select_from(answer_source).where(_HAS_IT), _given)
_json = func.json_each(_TOKENS).table_valued(column("value", Text), name="given")
_COUNTS_OF_SQLITE = _counts(select(_ONE).select_from(_ANSWER_INDEX).where(_MATCH(_json.c.value)), _json)

_OF_KINDS = or_(bindparam("with_tickets", type_=Boolean), c.article_id.is_not(None))
_WITH_ANY = Prepared(
    select(*_READ).where(_WORDS.op("&&")(_TOKENS), _MINE, _OF_KINDS).limit(bindparam("most", type_=Integer))
)
_WITH_ANY_OF_SQLITE = Prepared(
    select(*_READ)
    .select_from(_ANSWER_INDEX)
    .join(answer_source, c.place == _ANSWER_INDEX.c.rowid)
    .where(_MATCH(bindparam("match", type_=Text())), c.project_id == _PROJECT, _OF_KINDS)
    .limit(bindparam("most", type_=Integer))
)
_some_sources = select(_ONE).where(c.project_id == _PROJECT).limit(MOST_SOURCES_COUNTED).subquery("some")
_N_SOURCES = Prepared(select(func.count()).select_from(_some_sources))


class WordCounts(msgspec.Struct, frozen=True):
    """How many sources there are, and how many of them have each token; neither is counted to the end."""

    n_sources: int
    by_token: dict[str, int]


async def word_counts(database: Database, project_id: int, tokens: Sequence[str]) -> WordCounts:
    """Count the sources of a project that have each token."""
    prepared = _COUNTS_OF_SQLITE if database.dialect == "sqlite" else _COUNTS
    rows = await database.read(prepared, tokens=list(tokens))
    total = await database.read(_N_SOURCES, project_id=project_id)
    return WordCounts(total[0][0], {str(token): int(count) for token, count in rows})


async def candidates_with(
    database: Database, project_id: int, tokens: Sequence[str], *, with_tickets: bool
) -> list[Candidate]:
    """Return sources of a project that have at least one of the tokens: articles, and past tickets `with_tickets`."""
    if not tokens:
        return []
    values: dict[str, Any] = {"project_id": project_id, "most": 2 * MOST_READ, "with_tickets": with_tickets}
    if database.dialect == "sqlite":
        found = await database.read(_WITH_ANY_OF_SQLITE, match=" OR ".join(tokens), **values)
    else:
        found = await database.read(_WITH_ANY, tokens=list(tokens), **values)
    return [_candidate(*row) for row in found]


def _candidate(id: UUID, ticket_id: UUID | None, terms: str, answer_terms: str) -> Candidate:
    return Candidate(
        kind="ticket" if ticket_id is not None else "article",
        id=id,
        tokens=frozenset(terms.split()),
        answer_tokens=frozenset(answer_terms.split()),
    )
