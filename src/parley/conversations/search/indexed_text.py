"""What search looks through, and how much of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from parley.kernel.text.forms import folded

LOOKED_AT = 20_000
"""How many tickets are looked at, those that changed last, where a text is too short for the index."""
TextKey = tuple[int, UUID, UUID]
"""Where a text stands: the project, under what it is found, and whose it is."""
NO_TICKET = UUID(int=0)
"""Under this stand the comments that are no messages."""
FOLDING = 1
"""The version of `kernel.text.folded` that the texts in the index have been through."""
SEPARATOR = "\x1f"
TRAITS = ("name", "email")
"""The traits by which a ticket is found."""


def own_text(traits: Mapping[str, Any], subject: str | None) -> str:
    """Return what a ticket is found by itself, its parts apart by a character that folding leaves in no text."""
    words = (*(_words(traits.get(name)) for name in TRAITS), subject or "")
    return SEPARATOR.join(text for text in map(folded, words) if text)


def _words(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()
