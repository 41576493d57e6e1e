"""Text as every part of Parley stores and compares it."""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Return the text with NUL and lone surrogates, which no database stores, replaced."""
    return UNSTORABLE.sub(REPLACEMENT, text)
