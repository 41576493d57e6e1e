"""Properties as pages show them."""

from collections.abc import Mapping
from typing import Any

import msgspec

MOST_PROPERTIES, MOST_LETTERS = 60, 300


def shown_properties(properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the first properties as texts, long ones shortened: what strangers wrote, which templates escape."""
    return [
        (key[:MOST_LETTERS], shown_text(value)) for key, value in list(properties.items())[:MOST_PROPERTIES]
    ]


def shown_text(value: Any) -> str:
    """Return any value as a text, shortened where it is long."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
