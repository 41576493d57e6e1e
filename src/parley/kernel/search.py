"""Looking for words inside folded texts: the same answer on both databases.

Texts are folded by `kernel.text.folded` when they are stored, and so is what is looked for. A text holds a word where Python
says `word in text`.
"""

import re

from sqlalchemy import ColumnElement, bindparam, func
from sqlalchemy.types import Text

from parley.kernel.text import folded

# What PostgreSQL's trigrams are made of: three letters or digits in a row, or two at an edge.
INDEXED = re.compile(r"[^\W_]{3}|[\W_][^\W_]{2}|[^\W_]{2}[\W_]")
PART = re.compile(r'"([^"]*)(?:"|$)|([^\s"]+)')


def parts_of(term: str) -> tuple[str, ...]:
    """Return the words and the quoted phrases of a search, folded; each must be found, in whatever order."""
    text = folded(term)
    found = ((phrase or word).strip() for phrase, word in PART.findall(text))
    # Nothing but quotation marks looks for these.
    parts = dict.fromkeys(part for part in found if part) or dict.fromkeys([text] if text else [])
    # Whatever has the longer part has what is inside it.
    return tuple(part for part in parts if not any(part != other and part in other for other in parts))


def is_indexed(part: str) -> bool:
    """Say whether an index of trigrams can narrow a search for this."""
    return INDEXED.search(part) is not None


def holds(column: ColumnElement[str], part: str, dialect: str) -> ColumnElement[bool]:
    """Return the condition that a folded text holds the part of a search."""
    if dialect == "sqlite":
        # Its LIKE would ignore the case of some letters again, and uses no index here anyway.
        return func.instr(column, bindparam("part", part, type_=Text(), unique=True)) > 0
    escaped = re.sub(r"([\\%_])", r"\\\1", part)
    return column.like(bindparam("part", f"%{escaped}%", type_=Text(), unique=True))


def match_phrase(part: str) -> str:
    """Return what an FTS5 index of trigrams is asked for (SQLite)."""
    return '"' + part.replace('"', '""') + '"'
