"""Placeholders of prepared texts, such as {{person.name}}: which ones there are, and which of a text stay as they are."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from parley.kernel.text.rich_content import MAX_DEPTH

PLACEHOLDER = re.compile(r"\{\{[ \t]{0,9}([A-Za-z_][A-Za-z0-9_.]{0,99})[ \t]{0,9}\}\}")
MOST_NAMED = 5
KNOWN = (
    "person.name",
    "person.first_name",
    "person.email",
    "ticket.number",
    "ticket.subject",
    "agent.name",
    "agent.first_name",
)


def unknown_placeholders(content: str, rich_content: Mapping[str, Any] | None) -> list[str]:
    """Return what looks like a placeholder and is none, each once, the first ones only."""
    texts = (content, *_texts_of(rich_content))
    found = (one for text in texts for one in PLACEHOLDER.finditer(text) if one[1].lower() not in KNOWN)
    return list(dict.fromkeys(one[0] for one in found))[:MOST_NAMED]


def _texts_of(node: Any, depth: int = 0) -> Iterator[str]:
    if not isinstance(node, Mapping) or depth > MAX_DEPTH:
        return
    if isinstance(node.get("text"), str):
        yield node["text"]
    if isinstance(node.get("content"), list):
        for one in node["content"]:
            yield from _texts_of(one, depth + 1)


def warning_of(unknown: list[str]) -> str:
    """Say which placeholders of a text will be filled in by nobody but whoever uses it, and which ones there are."""
    verb = "are" if unknown[1:] else "is"
    known = ", ".join(f"{{{{{name}}}}}" for name in KNOWN)
    return f"{', '.join(unknown)} {verb} not filled in: whoever uses this text does it by hand. Filled in are {known}."
