"""What nobody sees in a text: kept where a writing or an emoji is made with it, left out elsewhere.

Sources: UTS 51 (sequences of emoji), UTS 37 (Han), and what the Unicode Standard says of joiners and variation selectors.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence

NON_JOINER, JOINER, KEYCAP, FLAG = "\u200c", "\u200d", "\u20e3", "\U0001f3f4"
EMOJI_SELECTORS = "\ufe0e\ufe0f"
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Controls, formats, joiners, selectors and fillers. White space isn't among them, nor formats that are drawn, as U+0600."""
TAGS = re.compile("[\U000e0020-\U000e007e]{1,16}\U000e007f")
"""What makes the flag of a region of the black one (UTS 51, ED-14a)."""

Ranges = Sequence[tuple[int, int]]
JOINED: Ranges = (
    (0x600, 0x77F), (0x7C0, 0x7FF), (0x840, 0xDFF), (0xF00, 0x109F), (0x1780, 0x18AF), (0x1900, 0x194F), (0x1A20, 0x1C4F),
    (0x1CD0, 0x1CFF), (0xA840, 0xA8FF), (0xA980, 0xAA7F), (0xAAE0, 0xAAFF), (0xABC0, 0xABFF), (0xFB50, 0xFDFF),
    (0xFE70, 0xFEFC), (0x10A00, 0x10A5F), (0x10AC0, 0x10AFF), (0x10B80, 0x10BAF), (0x10D00, 0x10D3F), (0x10F30, 0x10FDF),
    (0x11000, 0x11FFF), (0x1E900, 0x1E95F),
)  # fmt: skip
"""Writings whose letters join: Arabic, Syriac, N'Ko, Mandaic, those of India and beyond, Mongolian, Adlam and the like."""
MONGOLIAN: Ranges = ((0x1820, 0x18AA),)
MYANMAR: Ranges = ((0x1000, 0x109F), (0xAA60, 0xAA7F))
HAN: Ranges = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
EGYPTIAN: Ranges = ((0x13000, 0x1342F), (0x13440, 0x143FF))
PICTURES: Ranges = (
    (0xA9, 0xA9), (0xAE, 0xAE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139), (0x2190, 0x21FF),
    (0x2300, 0x23FF), (0x2460, 0x24FF), (0x25A0, 0x27BF), (0x2900, 0x297F), (0x2B00, 0x2BFF), (0x3030, 0x3030),
    (0x303D, 0x303D), (0x3297, 0x3297), (0x3299, 0x3299), (0x1F000, 0x1FAFF),
)  # fmt: skip


def without_unseen(text: str) -> str:
    """Return the text without what nobody sees and what makes no letter, emoji or flag of it.

    Whether something stays depends on what stays before it, and on what is seen next. So a second time changes nothing.
    """
    if not UNSEEN.search(text):
        return text
    kept: list[str] = []
    base, behind = "", ""  # the last letter or picture, and what nobody sees that has stayed since
    ends_at = 0
    seen_next = _seen_next(text)
    for place, letter in enumerate(text):
        if place < ends_at:
            continue
        if not UNSEEN.match(letter):
            kept.append(letter)
            if unicodedata.category(letter)[0] != "M":
                base, behind = letter, ""
        elif base == FLAG and not behind and (tags := TAGS.match(text, place)):
            behind, ends_at = tags[0], tags.end()
            kept.append(behind)
        elif _changes(base, behind, letter, seen_next[place]):
            behind += letter
            kept.append(letter)
    return "".join(kept)


def _seen_next(text: str) -> list[str]:
    """Return for each place the first letter behind it that is seen; empty at the end."""
    found, after = [""] * len(text), ""
    for place in range(len(text) - 1, -1, -1):
        found[place] = after
        if not UNSEEN.match(text[place]):
            after = text[place]
    return found


def _changes(base: str, behind: str, letter: str, after: str) -> bool:
    """Say whether something that nobody sees changes what is seen between two letters; `behind` has changed the first."""
    if not base:
        return False
    if letter in (NON_JOINER, JOINER):
        return _joins(base, behind, letter, after)
    if behind:
        return False
    if letter in EMOJI_SELECTORS and (_is_in(PICTURES, base) or (base in "0123456789#*" and after == KEYCAP)):
        return True
    if letter == "\ufe00" and _is_in(MYANMAR, base):
        return True
    if "\u180b" <= letter <= "\u180f":
        return letter != "\u180e" and _is_in(MONGOLIAN, base)
    if "\U00013430" <= letter <= "\U0001343f":
        return _is_in(EGYPTIAN, base)
    return ("\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef") and _is_in(HAN, base)


def _joins(base: str, behind: str, letter: str, after: str) -> bool:
    if letter == JOINER and _is_in(PICTURES, base):
        return behind in ("", *EMOJI_SELECTORS) and bool(after) and _is_in(PICTURES, after)
    if NON_JOINER in behind or JOINER in behind or not _is_letter(base):
        return False
    return letter == JOINER or (bool(after) and _is_letter(after))


def _is_letter(letter: str) -> bool:
    return _is_in(JOINED, letter) and unicodedata.category(letter)[0] in "LM"


def _is_in(ranges: Ranges, letter: str) -> bool:
    code = ord(letter)
    place = bisect_right(ranges, (code, 0x110000)) - 1
    return place >= 0 and code <= ranges[place][1]
