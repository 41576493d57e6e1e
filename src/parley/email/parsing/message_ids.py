"""Ids of messages: in brackets, without them, divided by commas, folded, thousands of them (RFC 5322 3.6.4)."""

import re

from parley.email.parsing.limits import MAX_MESSAGE_ID_CHARS, MAX_MESSAGE_IDS
from parley.kernel.text.forms import storable

IN_BRACKETS = re.compile(r"<([^<>]+)>")
DIVIDERS = re.compile(r"[\s,;<>\"()]+")
SPACES = re.compile(r"\s+")
KEPT_FIRST = 100


def message_ids(value: str) -> tuple[str, ...]:
    """Return the ids of a field, each once, in their order and without brackets.

    Of more than allowed the first hundred stay, since they began the conversation, and the last.
    """
    texts = IN_BRACKETS.findall(value) or [word for word in DIVIDERS.split(value) if "@" in word]
    found = list(dict.fromkeys(text for text in map(_clean, texts) if text))
    if len(found) > MAX_MESSAGE_IDS:
        found = found[:KEPT_FIRST] + found[KEPT_FIRST - MAX_MESSAGE_IDS :]
    return tuple(found)


def message_id(value: str) -> str | None:
    """Return the id of the message itself, or None where it has none that can be read."""
    found = message_ids(value)
    if found:
        return found[0]
    return _clean(value.strip().strip("<>")) or None


def _clean(text: str) -> str:
    bare = storable(SPACES.sub("", text))
    return bare if len(bare) <= MAX_MESSAGE_ID_CHARS else ""
