"""What an insight asks: its text as it is kept, its kind, and what people call it unless they say otherwise."""

from typing import Any

import msgspec

from parley.kernel.errors import Invalid


class Question(msgspec.Struct, frozen=True):
    """A query that can be answered."""

    text: str
    kind: str
    title: str


def checked_question(raw: Any) -> Question:
    """Return what a query asks; raises Invalid with the place of what is wrong."""
    source = raw.get("source", raw) if isinstance(raw, dict) else raw
    if not isinstance(source, dict) or not isinstance(source.get("kind"), str):
        raise Invalid("Must be an object with `kind`.", attr="query")
    kind = source["kind"][:40]
    return Question(msgspec.json.encode(raw).decode(), kind, kind.removesuffix("Query"))
