"""What is kept of the traits and the session context that a page attaches to a message.

These values come from scripts, not from what a customer typed, so they are trimmed to fit and never refused.
"""

from collections.abc import Mapping
from typing import Any

from parley.kernel.text.forms import storable
from parley.kernel.text.json_text import repaired

MAX_TRAITS, MAX_TRAIT_KEY, MAX_TRAIT_VALUE = 50, 200, 500
MAX_CONTEXTS, MAX_CONTEXT_KEY, MAX_CONTEXT_VALUE = 20, 100, 2000


def kept_traits(given: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the traits as text, `True` for true; null stays null.

    Nested values, keys over 200 characters and entries past the 50th are left out; text is cut at 500 characters.
    """
    kept: dict[str, str | None] = {}
    for key, value in _storable(given, MAX_TRAIT_KEY, MAX_TRAITS):
        kept[key] = None if value is None else str(value)[:MAX_TRAIT_VALUE]
    return kept


def kept_session_context(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the context with its scalars as they are.

    Nested values, keys over 100 characters and entries past the 20th are left out. Text over 2,000 characters
    loses a URL's fragment; if that isn't enough it is cut, and `<key>_truncated` is true.
    """
    kept: dict[str, Any] = {}
    cut: dict[str, Any] = {}
    for key, value in _storable(given, MAX_CONTEXT_KEY, MAX_CONTEXTS):
        kept[key] = _short(value)
        if isinstance(kept[key], str) and len(kept[key]) > MAX_CONTEXT_VALUE:
            kept[key] = kept[key][:MAX_CONTEXT_VALUE]
            cut[f"{key}_truncated"] = True
    return kept | cut


def _storable(given: Mapping[str, Any], max_key: int, max_entries: int) -> list[tuple[str, Any]]:
    entries = [
        (storable(key, nul=""), repaired(value, nul=""))
        for key, value in given.items()
        if len(key) <= max_key and not isinstance(value, (dict, list))
    ]
    return entries[:max_entries]


def _short(value: Any) -> Any:
    is_long = isinstance(value, str) and len(value) > MAX_CONTEXT_VALUE
    if is_long and value[:8].lower().startswith(("http://", "https://")):
        return value.partition("#")[0]
    return value
