"""Halves of letters in JSON text: a page that cuts its texts makes them, and many readers refuse the whole text for one."""

import re
from collections.abc import Iterator

import msgspec

HALF = re.compile(
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F][0-9a-fA-F]{2})"
)
"""It begins with letters that are searched for fast; whether a backslash before them escapes theirs is looked at then."""
CUT = re.compile(
    rb"[^\\0-9a-fA-FuU]|[^\\]{12}"  # no escape goes on behind them, and no pair
    rb"|(?<=[^\\])(?=\\)(?!\\u[dD][c-fC-F])|(?<=\\u[dD][c-fC-F][0-9a-fA-F]{2})"  # nor in front of most, or behind a pair
    rb"|\\{2}"
)
PIECE = 256 * 1024
MOST_MENDED, MOST_HALVES = 4 * 1024 * 1024, 10_000
"""Python makes a piece of each half. So a text with more of them stays what it is, which no reader takes."""
MARK = rb"\ufffd"


def without_halves(text: bytes) -> bytes:
    """Return JSON text with U+FFFD in place of the first escapes that are half of a pair of surrogates.

    A long text is read in pieces, between which other threads go on.
    """
    left, mended = MOST_HALVES, []
    for piece in _pieces(text):
        new, n_found = HALF.subn(_mark, piece, left) if left else (piece, 0)
        left -= n_found
        mended.append(new)
    return b"".join(mended)


def _mark(found: re.Match[bytes]) -> bytes:
    return found[0] if _n_backslashes(found.string, found.start()) % 2 else MARK


def _n_backslashes(text: bytes, end: int) -> int:
    """Return how many stand right in front of a place. Takes as long as they are many."""
    size = 64
    while True:
        before = text[max(0, end - size) : end]
        found = len(before) - len(before.rstrip(b"\\"))
        if found < size:
            return found
        size *= 8


def _pieces(text: bytes) -> Iterator[bytes]:
    """Yield the text in pieces that end where no escape and no pair goes on, whatever it is made of."""
    start = 0
    while start < len(text):
        end = _end_of_piece(text, start)
        yield text[start:end]
        start = end


def _end_of_piece(text: bytes, start: int) -> int:
    found = CUT.search(text, start + PIECE)
    if found is None:
        return len(text)
    if found.group() != rb"\\":
        return found.end()
    at = found.start()
    return at + _n_backslashes(text[start:at], at - start) % 2  # two of them are one letter


def readable_json(text: bytes) -> bytes:
    """Return JSON text that every reader takes, mended where that is needed; raises msgspec.DecodeError."""
    try:
        return bytes(_RAW.decode(text))
    except msgspec.DecodeError:
        if len(text) > MOST_MENDED:
            raise
        return bytes(_RAW.decode(without_halves(text)))


_RAW = msgspec.json.Decoder(msgspec.Raw)
