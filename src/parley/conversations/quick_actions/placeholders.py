"""Placeholders of prepared texts, such as {{person.name}}: which ones there are, and what of a text stays in braces."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from parley.kernel.text.rich_content import MAX_DEPTH

PLACEHOLDER = re.compile(r"\{\{[ \t]{0,9}([A-Za-z_][A-Za-z0-9_.]{0,99})[ \t]{0,9}\}\}")
IN_BRACES = re.compile(r"\{\{[ \t]{0,9}[^{}\s][^{}\n]{0,100}\}\}")
"""Whatever stands between the braces: also a placeholder in which somebody has typed, which is not filled in either."""
MOST_NAMED = 5
KNOWN = {
    "person.name": "Customer's name",
    "person.first_name": "Customer's first name",
    "person.email": "Customer's e-mail",
    "ticket.number": "Number of the conversation",
    "ticket.subject": "Subject",
    "agent.name": "Your name",
    "agent.first_name": "Your first name",
}
"""What is filled in, and what people call it."""


def unknown_placeholders(content: str, rich_content: Mapping[str, Any] | None) -> list[str]:
    """Return what looks like a placeholder and is none, each once, the first ones only."""
    texts = (content, *_texts_of(rich_content))
    found = (one[0] for text in texts for one in IN_BRACES.finditer(text) if not _is_known(one[0]))
    return list(dict.fromkeys(found))[:MOST_NAMED]


def _is_known(in_braces: str) -> bool:
    found = PLACEHOLDER.fullmatch(in_braces)
    return found is not None and found[1].lower() in KNOWN


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
