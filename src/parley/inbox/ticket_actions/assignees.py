"""Who takes care of a ticket, as forms name them."""

from typing import Any


def assignee_named(text: str) -> dict[str, Any] | None:
    """Return what the API takes for `user:7` or `role:<uuid>`; None, for nobody, where it is empty."""
    kind, _, id = text.partition(":")
    if not id:
        return None
    return {"type": kind, "id": int(id) if kind == "user" and id.isascii() and id.isdigit() else id}
