"""Text in which everything can be seen, for a program that reads what people don't see, such as an assistant."""

import re
from typing import Any

import msgspec

INVISIBLE = re.compile(
    "[\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ue000-\uf8ff"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
"""What no reader sees, or what turns the direction of text; an assistant reads it all the same, as with tag characters."""
SEEN = bytes(range(0x7F))
"""Of UTF-8: the bytes of letters that are surely visible, or written as their numbers by JSON."""


def json_text(value: Any) -> str:
    """Return the value as JSON in which everything can be seen: what is invisible is written as its number."""
    written = msgspec.json.encode(value)
    # Most letters are plain, and to look at each of them takes three times as long as to leave them out first.
    unsure = b"" if written.isascii() and b"\x7f" not in written else written.translate(None, SEEN)
    text = written.decode()
    return INVISIBLE.sub(_escaped, text) if INVISIBLE.search(unsure.decode()) else text


def visible(text: str) -> str:
    """Return plain text in which everything can be seen; lines stay."""
    return text if text.isascii() and text.isprintable() else INVISIBLE.sub(_escaped, text.replace("\r", ""))


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
