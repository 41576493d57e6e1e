"""Reads the fields of a widget request one by one: what is wrong with each of them, and what is kept of them.

What a customer typed is refused where it breaks a rule. Traits and session context come from scripts, so they are trimmed
to fit.
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from parley.kernel.errors import PlainError, too_long
from parley.kernel.text.forms import is_blank, storable
from parley.kernel.text.json_text import repaired

DASHED = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# `UUID()` itself also takes braces, underscores and dashes anywhere.
UUID_TEXT = re.compile(rf"{DASHED}|[0-9a-f]{{32}}", re.IGNORECASE | re.ASCII)
DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)
MAX_TRAITS, MAX_TRAIT_KEY, MAX_TRAIT_VALUE = 50, 200, 500
MAX_CONTEXTS, MAX_CONTEXT_KEY, MAX_CONTEXT_VALUE = 20, 100, 2000


class Fields:
    """The fields of a body or a query string; `problems` holds sentences by field."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self.problems: dict[str, list[str]] = {}

    def check(self) -> None:
        """Raise the error that names every problem found so far."""
        if self.problems:
            raise PlainError(400, {"error": "Invalid request data", "details": self.problems})

    def wrong(self, name: str, sentence: str) -> None:
        """Note a problem of a field."""
        self.problems.setdefault(name, []).append(sentence)

    def text(
        self, name: str, max_length: int, *, missing: str | None = None, is_opaque: bool = False
    ) -> str | None:
        """Return text, None when absent, null or blank; `missing` says what is wrong with its absence.

        It is trimmed and loses its NUL characters, unless it is opaque: then they become U+FFFD, as in capture.
        """
        value = self._given.get(name)
        if isinstance(value, str):
            value = storable(value) if is_opaque else storable(value, nul="").strip()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        if value is None or (isinstance(value, str) and is_blank(value)):
            if missing:
                self.wrong(name, missing)
            return None
        if not isinstance(value, str):
            self.wrong(name, "Not a valid string.")
        elif len(value) > max_length:
            self.wrong(name, too_long(max_length, name).detail)
        else:
            return value
        return None

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an object, empty when absent; null is a problem."""
        value = self._given.get(name, {})
        if isinstance(value, dict):
            return value
        self.wrong(name, "Expected a dictionary of items.")
        return {}

    def uuid(self, name: str) -> UUID | None:
        """Return a UUID, None when absent or null."""
        value = self._given.get(name)
        found = uuid_from(value)
        if value is not None and found is None:
            self.wrong(name, "Must be a valid UUID.")
        return found

    def number(self, name: str, *, default: int, low: int, high: int) -> int:
        """Return a whole number between `low` and `high`."""
        value = self._given.get(name)
        if value is None:
            return default
        if not DIGITS.fullmatch(str(value)):
            self.wrong(name, "A valid integer is required.")
        elif not low <= int(value) <= high:
            self.wrong(name, f"Ensure this value is between {low} and {high}.")
        else:
            return int(value)
        return default

    def instant(self, name: str) -> datetime | None:
        """Return an ISO 8601 instant, None when absent; without an offset it is UTC."""
        value = self._given.get(name)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(value)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            self.wrong(name, "Datetime has wrong format. Use ISO 8601, such as 2026-01-31T12:00:00Z.")
            return None

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """Return one of the choices, None when absent or empty."""
        value = self._given.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value in choices:
            return value
        self.wrong(name, f'"{str(value)[:100]}" is not a valid choice.')
        return None


def uuid_from(value: Any) -> UUID | None:
    """Return the UUID that a text spells with or without dashes, else None."""
    return UUID(value) if isinstance(value, str) and UUID_TEXT.fullmatch(value) else None


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
        kept[key] = value
        if isinstance(value, str) and len(value) > MAX_CONTEXT_VALUE:
            is_url = value[:8].lower().startswith(("http://", "https://"))
            shorter = value.partition("#")[0] if is_url else value
            kept[key] = shorter[:MAX_CONTEXT_VALUE]
            if len(shorter) > MAX_CONTEXT_VALUE:
                cut[f"{key}_truncated"] = True
    return kept | cut


def _storable(given: Mapping[str, Any], max_key: int, max_entries: int) -> list[tuple[str, Any]]:
    entries = [
        (storable(key, nul=""), repaired(value, nul=""))
        for key, value in given.items()
        if len(key) <= max_key and not isinstance(value, (dict, list))
    ]
    return entries[:max_entries]
