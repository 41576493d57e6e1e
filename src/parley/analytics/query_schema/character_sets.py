"""Sets of characters of regular expressions, as ranges of code points: what RE2 means, and what PostgreSQL writes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cache, lru_cache

Ranges = tuple[tuple[int, int], ...]
LAST = 0x10FFFF
DIGITS: Ranges = ((0x30, 0x39),)
UPPER: Ranges = ((0x41, 0x5A),)
LOWER: Ranges = ((0x61, 0x7A),)
LETTERS = UPPER + LOWER
WORD = DIGITS + LETTERS + ((0x5F, 0x5F),)
NEWLINE: Ranges = ((0x0A, 0x0A),)
BY_LETTER: dict[str, Ranges] = {"d": DIGITS, "s": ((0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)), "w": WORD}
BY_NAME: dict[str, Ranges] = {
    "alnum": DIGITS + LETTERS,
    "alpha": LETTERS,
    "ascii": ((0x00, 0x7F),),
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0x00, 0x1F), (0x7F, 0x7F)),
    "digit": DIGITS,
    "graph": ((0x21, 0x7E),),
    "lower": LOWER,
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": UPPER,
    "word": WORD,
    "xdigit": (*DIGITS, (0x41, 0x46), (0x61, 0x66)),
}
_LAST_WITH_CASE = 0x1E943


def inverted(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return all other characters."""
    found, first = [], 0
    for low, high in sorted(ranges):
        if low > first:
            found.append((first, low - 1))
        first = max(first, high + 1)
    return (*found, (first, LAST)) if first <= LAST else tuple(found)


@lru_cache(maxsize=64)
def in_any_case(ranges: Ranges) -> Ranges:
    """Return the characters with those that differ from them in case only."""
    same, rest = same_but_for_case(), inverted(ranges)
    merged = inverted(rest)
    inside, outside = _cased_in(merged), _cased_in(rest)
    # Few are on one of the sides, or in between.
    if len(inside) < len(outside):
        more = {other for one in inside for other in same[one]}
    else:
        held = frozenset(inside)
        more = {one for one in outside if not held.isdisjoint(same[one])}
    return (*merged, *((one, one) for one in sorted(more)))


def _cased_in(ranges: Ranges) -> list[int]:
    cased = with_case()
    return [one for low, high in ranges for one in cased[bisect_left(cased, low) : bisect_right(cased, high)]]


def as_bracket(ranges: Iterable[tuple[int, int]]) -> str:
    """Return how PostgreSQL writes the set, on one character; NUL is in none, since its texts hold none."""
    merged = inverted(inverted(ranges))
    if merged and merged[-1][1] == LAST:
        others = [(low, high) for low, high in inverted(merged) if high]
        return f"[^{_written(others)}]" if others else "."
    present = [(max(low, 1), high) for low, high in merged if high]
    if len(present) == 1 and present[0][0] == present[0][1]:
        return _character(present[0][0])
    return f"[{_written(present)}]" if present else f"[^{_written([(1, LAST)])}]"


def _written(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(
        _character(low) if low == high else f"{_character(max(low, 1))}-{_character(high)}"
        for low, high in ranges
    )


def _character(code: int) -> str:
    if chr(code).isascii() and chr(code).isalnum():
        return chr(code)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


@cache
def same_but_for_case() -> dict[int, frozenset[int]]:
    """Return by its code point with which others a character is the same but for case, as Unicode's simple folding says."""
    alike: dict[str, set[int]] = {}
    for code in range(_LAST_WITH_CASE + 1):
        alike.setdefault(_simply_folded(chr(code)), set()).add(code)
    return {one: frozenset(codes) for codes in alike.values() if len(codes) > 1 for one in codes}


@cache
def with_case() -> tuple[int, ...]:
    """Return the code points that `same_but_for_case` knows, in order."""
    return tuple(sorted(same_but_for_case()))


def _simply_folded(character: str) -> str:
    folded = character.casefold()
    if len(folded) == 1:
        return folded
    # Full folding gives several letters; simple folding knows at most another form of the one, such as "ẞ" and "ß".
    lower = character.lower()
    return lower if len(lower) == 1 else character
