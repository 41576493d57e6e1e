"""Text as every part of Parley stores and compares it."""

import re
import sys
import unicodedata
from functools import lru_cache

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
SURROGATE = re.compile("[\ud800-\udfff]")
# Those of the property Default_Ignorable_Code_Point that aren't of the category Cf.
BRAILLE_BLANK = "\u2800"
IGNORABLE = (
    *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0),
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
)


def storable(text: str, *, nul: str = REPLACEMENT) -> str:
    """Return the text with NUL and lone surrogates, which no database stores, replaced."""
    return SURROGATE.sub(REPLACEMENT, text.replace("\x00", nul))


def trimmed(text: str) -> str:
    """Return the text without white space around it; empty where nobody could see anything of it."""
    return "" if is_blank(text) else text.strip()


def normal_name(text: str) -> str:
    """Return a name as it is stored: NFC, with white space folded; empty for one that nobody could see."""
    return "" if is_blank(text) else " ".join(unicodedata.normalize("NFC", text).split())


def normal_tag(text: str) -> str:
    """Return the name of a tag as it is stored and looked up: in lower case, which may be longer than what was given."""
    return unicodedata.normalize("NFC", normal_name(text).lower())


def folded(text: str) -> str:
    """Return the text as searches compare it: NFKC, case-folded, white space folded, without what nobody sees.

    This is the only folding. Both databases store and compare what it returns.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text.translate(ignored())).casefold()
    plain = unicodedata.normalize("NFKC", plain)
    # Case folding leaves the dot of the Turkish capital, which would keep `İstanbul` from being found by `istanbul`.
    return " ".join(plain.replace("i\u0307", "i").split())


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
