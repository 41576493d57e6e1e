"""Looking for words inside folded texts: the same answer on both databases.

Texts are folded by `kernel.text.folded` when they are stored, and so is what is looked for. A text holds a word where Python
says `word in text`.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable

from sqlalchemy import ColumnElement, bindparam, func
from sqlalchemy.types import Text

from parley.kernel.text.forms import (
    MOST_MARKS,
    folded,
    ignored,
    marks,
)

MAX_SEARCH = 200
"""Characters of a search. A longer one is no search."""
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


def folding_in_sql(has_icu: bool) -> str:
    """Return the body of PostgreSQL's function `text_folded(words)`: `kernel.text.folded` in SQL.

    It is for conditions on what no index holds. A migration makes the function; without ICU it knows the cases of the
    letters that the database's locale knows.
    """
    lower = """lower({} COLLATE "und-x-icu")""" if has_icu else "lower({})"
    # Where case folding is more than lower case: found in decomposed text, which has fewer letters.
    pairs = [
        (letter, letter.casefold())
        for letter in map(chr, range(0x80, sys.maxunicode + 1))
        if letter == letter.lower() != letter.casefold()
        and len(letter.casefold()) == 1
        and unicodedata.is_normalized("NFKD", letter)
    ]
    some = f"[{_ranges(marks())}]"
    # The database sorts the marks of a letter by insertion.
    seen = f"regexp_replace(words, '[{_ranges(ignored())}]', '', 'g')"
    few = f"regexp_replace({seen}, '({some}{{{MOST_MARKS}}}){some}+', '\\1', 'g')"
    plain = lower.format(f"normalize({few}, NFKD)")
    one = f"translate({plain}, '{''.join(a for a, _ in pairs)}', '{''.join(b for _, b in pairs)}')"
    composed = f"replace(normalize(replace({one}, 'ß', 'ss'), NFKC), U&'i\\0307', 'i')"
    spaces = _ranges(code for code in range(0x10000) if chr(code).isspace())
    # An expression has one collation, and a plain one costs least.
    of_ascii, of_others = 'lower(words COLLATE "C") COLLATE "C"', f'({composed}) COLLATE "C"'
    return f"""
        SELECT CASE WHEN octet_length(words) = char_length(words) AND NOT words ~ '[{_ranges(range(9, 32))}]|  |^ | $'
            THEN {of_ascii}
            ELSE btrim(regexp_replace(
                CASE WHEN octet_length(words) = char_length(words) THEN {of_ascii} ELSE {of_others} END,
                '[{spaces}]+', ' ', 'g')) END"""


def _ranges(codes: Iterable[int]) -> str:
    """Return the inside of a bracket expression for these characters."""
    rest = sorted(codes)
    found = []
    for index, code in enumerate(rest):
        if index == 0 or rest[index - 1] != code - 1:
            found.append([code, code])
        found[-1][1] = code
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in found)
