"""Reads the fields of a widget request one by one and collects what is wrong with each of them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from parley.kernel.errors import PlainError
from parley.kernel.text.forms import is_blank, storable

DASHED = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# `UUID()` itself also takes braces, underscores and dashes anywhere.
UUID_TEXT = re.compile(rf"{DASHED}|[0-9a-f]{{32}}", re.IGNORECASE | re.ASCII)
DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)


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
            self.wrong(name, f"Ensure this field has no more than {max_length} characters.")
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

    def choice(self, name: str, choices: frozenset[str]) -> str | None:
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
