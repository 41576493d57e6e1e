"""Text as every part of Parley stores and compares it."""

import re
import sys
import unicodedata
from functools import lru_cache
from typing import Literal

from parley.kernel.text.unseen import without_unseen

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
SURROGATE = re.compile("[\ud800-\udfff]")
# Those of the property Default_Ignorable_Code_Point that aren't of the category Cf.
BRAILLE_BLANK = "\u2800"
DOTS = re.compile("i\u0307+")
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
# Combining marks have a class by which a normal form sorts them; `unicodedata.combining` returns it.
LAST_MARK = 0x1E94A
# Characters of the class 0 that are made of combining marks, canonically and by compatibility.
HIDDEN_MARKS = {0x0F73: "\u0f71\u0f72", 0x0F75: "\u0f71\u0f74", 0x0F81: "\u0f71\u0f80"}
HIDDEN_MARKS_K = HIDDEN_MARKS | {0xFF9E: "\u3099", 0xFF9F: "\u309a"}
MOST_MARKS = 30
"""More marks than this in a row are no letter of any language (UAX 15, section 13); searches look at the first ones."""
IGNORABLE = (
    *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0),
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
)


def storable(text: str, *, nul: str = REPLACEMENT) -> str:
    """Return the text with NUL and lone surrogates, which no database stores, replaced."""
    text = text.replace("\x00", nul)
    return text if text.isascii() else SURROGATE.sub(REPLACEMENT, text)


def trimmed(text: str) -> str:
    """Return the text without white space around it; empty where nobody could see anything of it."""
    return "" if is_blank(text) else text.strip()


def normalized(form: Form, text: str) -> str:
    """Return the text in a Unicode normal form, as `unicodedata.normalize` does, but in linear time.

    Python sorts the marks of a letter by insertion, which takes minutes for a letter with some 100,000 of them. So they
    are sorted before; the order among marks of one class, the only one that means anything, stays.
    """
    if text.isascii():
        return text
    hidden = HIDDEN_MARKS_K if "K" in form else HIDDEN_MARKS
    sorted_marks = _marks().sub(_in_order, text.translate(hidden))
    return unicodedata.normalize(form, sorted_marks)


def marks() -> list[int]:
    """Return the characters that are combining marks, or made of nothing else, sorted."""
    plain = (code for code in range(0x300, LAST_MARK + 1) if unicodedata.combining(chr(code)))
    return sorted([*plain, *HIDDEN_MARKS_K])


@lru_cache(maxsize=1)
def _marks() -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(chr, marks()))}]{{2,}}")


@lru_cache(maxsize=1)
def _many_marks() -> re.Pattern[str]:
    some = f"[{''.join(map(chr, marks()))}]"
    return re.compile(f"({some}{{{MOST_MARKS}}}){some}+")


def _in_order(marks: re.Match[str]) -> str:
    return "".join(sorted(marks.group(), key=unicodedata.combining))


def normal_name(text: str) -> str:
    """Return a name as it is stored: NFC, with white space folded; empty for one that nobody could see."""
    return "" if is_blank(text) else " ".join(normalized("NFC", text).split())


def normal_tag(text: str) -> str:
    """Return the name of a tag as it is stored and looked up: NFC and lower case, which may be longer than what was given.

    Without what nobody sees, but where a letter or an emoji is made with it.
    """
    seen = without_unseen(normalized("NFC", text)).replace(BRAILLE_BLANK, " ")
    return normalized("NFC", _without_dots(normal_name(seen).lower()))


def folded(text: str) -> str:
    """Return the text as searches compare it: NFKC, case-folded, white space folded, without what nobody sees.

    This is the only folding. Both databases store and compare what it returns.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    few_marks = _many_marks().sub(r"\1", text.translate(ignored()))
    plain = normalized("NFKD", few_marks).casefold()
    plain = normalized("NFKC", plain)
    return " ".join(_without_dots(plain).split())


def _without_dots(text: str) -> str:
    """Return lower case without what it leaves of the Turkish capital, so that `İstanbul` and `istanbul` are equal.

    Such a dot isn't seen: in most typefaces it lies on the one that an `i` has.
    """
    return DOTS.sub("i", text)


def is_blank(text: str) -> bool:
    """Say whether the text has nothing that anybody could see."""
    return not text.strip() or not (
        text.isascii() or text.translate(ignored()).replace(BRAILLE_BLANK, "").strip()
    )


@lru_cache(maxsize=1)
def ignored() -> dict[int, None]:
    """Return the characters that nobody sees, as `str.translate` wants them to be left out."""
    formats = (code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf")
    return dict.fromkeys((*formats, *IGNORABLE))
