"""Where the words of a search stand in a text, and the part of the text around the first of them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import is_normalized

import msgspec

from parley.kernel.text.forms import folded, ignored, normalized

LOOKED_THROUGH = 20_000
"""Characters of a text in which words are looked for; a mail may have a hundred times as many."""
MOST_MARKS = 20
BEFORE = 30
"""Characters of an excerpt before the first word that is found."""


class MarkedText(msgspec.Struct, frozen=True):
    """A piece of a text; what is looked for is marked."""

    text: str
    is_marked: bool = False


def marked(text: str, parts: Sequence[str], most: int) -> list[MarkedText]:
    """Return the text with the parts of a search marked, from its beginning, cut to `most` characters."""
    shown = _plain(text)
    return _pieces(shown, _places(shown, parts), 0, most)


def excerpt(
    text: str, parts: Sequence[str], most: int, looked_through: int = LOOKED_THROUGH
) -> list[MarkedText]:
    """Return at most `most` characters of a text, from shortly before the first part of a search, with every part marked.

    So what is found is in sight also where there is room for half of them.
    Each letter that is looked through takes half a microsecond.
    """
    shown = _plain(text[:looked_through])
    places = _places(shown, parts)
    start = max(0, places[0][0] - BEFORE) if places else 0
    if start:
        # At the beginning of a word, where one is near.
        space = shown.find(" ", start, start + BEFORE // 2)
        start = space + 1 if space >= 0 else start
    return _pieces(shown, places, start, most)


def _plain(text: str) -> str:
    return " ".join(normalized("NFC", text[:LOOKED_THROUGH]).split())


def _places(text: str, parts: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the parts stand, from where to where, sorted, without overlaps.

    Parts are folded, and folding may make several letters of one: so each letter is folded by itself, with its place.
    """
    wanted = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True) if part)
    if not wanted:
        return []
    letters = text.lower() if text.isascii() else ""
    owners: Sequence[int] = range(len(text))
    if not letters and text:
        folds = [_folded(letter) for letter in text]
        letters = "".join(folds)
        owners = [place for place, fold in enumerate(folds) for _ in fold]
    found = []
    for match in re.finditer(wanted, letters):
        found.append((owners[match.start()], owners[match.end() - 1] + 1))
        if len(found) == MOST_MARKS:
            break
    return found


@lru_cache(maxsize=16_384)  # more than the letters that are not their own folding
def _folded(letter: str) -> str:
    # A mail of 20,000 different letters would take a fifth of a second without this.
    is_own = letter.casefold() == letter and is_normalized("NFKC", letter) and ord(letter) not in ignored()
    return letter if is_own else folded(letter)


def _pieces(text: str, places: Sequence[tuple[int, int]], start: int, most: int) -> list[MarkedText]:
    end = min(len(text), start + most)
    found = [MarkedText("…")] if start else []
    at = start
    for first, last in places:
        first, last = max(first, at), min(last, end)
        if first >= last:
            continue
        if first > at:
            found.append(MarkedText(text[at:first]))
        found.append(MarkedText(text[first:last], is_marked=True))
        at = last
    if at < end:
        found.append(MarkedText(text[at:end]))
    return [*found, MarkedText("…")] if end < len(text) else found
