"""What an entry holds of the values that something had: bounded, and never a secret."""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from uuid import UUID

from parley.kernel.text.forms import storable

SECRET = re.compile(r"password|secret|token|credential|private_key|authorization|_hash$", re.IGNORECASE)
MASK = "********"
MAX_TEXT, MAX_ITEMS, MAX_DEPTH = 500, 100, 6


def shown_values(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return values as an entry keeps them: long texts and lists cut, and the value of what is called a secret masked.

    Whether a secret is set at all stays visible: None, False, True and empty texts are no secrets.
    """
    return None if values is None else _shown_mapping(values, 0)


def _shown_mapping(values: Mapping[str, Any], depth: int) -> dict[str, Any]:
    items = list(values.items())[:MAX_ITEMS]
    return {cut(str(name), 100): _shown(str(name), value, depth + 1) for name, value in items}


def _shown(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool) or value == "":
        return value
    if SECRET.search(name):
        return MASK
    if isinstance(value, int | float):
        return value
    if depth >= MAX_DEPTH:
        return cut(str(value), MAX_TEXT)
    if isinstance(value, Mapping):
        return _shown_mapping(value, depth)
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(name, one, depth + 1) for one in list(value)[:MAX_ITEMS]]
    return cut(str(value), MAX_TEXT)


def cut(text: str, length: int) -> str:
    """Return a text that every database stores, with at most so many characters."""
    text = storable(text)
    return text if len(text) <= length else text[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


def search_id_of(text: str) -> UUID:
    """Return the id of a text that is searched in: the same for the same text, so that nobody has to look for it."""
    return UUID(bytes=blake2b(text.encode(), digest_size=16).digest())


def changed_values(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return of two states of something only what differs, first as it was and then as it is."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
