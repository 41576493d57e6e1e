"""Looking for a text inside texts, whatever the case of its letters: the same answer on both databases.

The migration 0003 makes what PostgreSQL needs (`search_folded`); SQLite is given a pattern that allows either case.
"""

import re
from functools import lru_cache

from sqlalchemy import ColumnElement, bindparam, func
from sqlalchemy.types import Boolean, Text

# What PostgreSQL's trigrams are made of: three letters or digits in a row, or two at an edge.
INDEXED = re.compile(r"[^\W_]{3}|[\W_][^\W_]{2}|[^\W_]{2}[\W_]")
LAST_CASED = 0x1E943  # no letter behind it has another case


def is_indexed(term: str) -> bool:
    """Say whether an index of trigrams can narrow a search for this."""
    return INDEXED.search(term) is not None


def holds(column: ColumnElement[str], term: str, dialect: str) -> ColumnElement[bool]:
    """Return the condition that a text holds the term, checked on the text itself."""
    if dialect == "sqlite":
        return column.op("GLOB", return_type=Boolean())(bindparam("term", glob_pattern(term), unique=True))
    return func.search_folded(column).like(folded_pattern(term))


def folded_pattern(term: str) -> ColumnElement[str]:
    """Return the pattern of LIKE for texts that are folded already (PostgreSQL)."""
    escaped = re.sub(r"([\\%_])", r"\\\1", term)
    return func.search_folded(bindparam("term", f"%{escaped}%", type_=Text(), unique=True), type_=Text())


def match_phrase(term: str) -> str:
    """Return what an FTS5 index of trigrams is asked for (SQLite)."""
    return '"' + term.replace('"', '""') + '"'


def glob_pattern(term: str) -> str:
    """Return the pattern of GLOB that a text which holds the term has, in either case of each letter (SQLite)."""
    return f"*{''.join(map(_one, term))}*"


def _one(character: str) -> str:
    same = _same_letters().get(character, character)
    if len(same) > 1:
        return f"[{same}]"
    return f"[{character}]" if character in "*?[" else character


@lru_cache(maxsize=1)
def _same_letters() -> dict[str, str]:
    """Return for each letter that has another case all the characters that are the same letter."""
    groups: dict[str, set[str]] = {}
    for code in range(LAST_CASED + 1):
        folded = _folded(chr(code))
        if folded != chr(code):
            groups.setdefault(folded, {folded}).add(chr(code))
    return {one: "".join(sorted(group)) for group in groups.values() for one in group}


def _folded(character: str) -> str:
    lower = character.lower()
    return "σ" if lower == "ς" else lower if len(lower) == 1 else character
