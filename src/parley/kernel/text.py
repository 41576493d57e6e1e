"""Text as every part of Parley stores and compares it."""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
SURROGATE = re.compile("[\ud800-\udfff]")


def storable(text: str, *, nul: str = REPLACEMENT) -> str:
    """Return the text with NUL and lone surrogates, which no database stores, replaced."""
    return SURROGATE.sub(REPLACEMENT, text.replace("\x00", nul))
