"""What is decided about many tickets at once."""

from collections.abc import Sequence
from typing import Literal

from parley.conversations.tickets.rules.tags import checked_tags
from parley.kernel.errors import Invalid

TagAction = Literal["add", "remove", "set"]

MAX_PAIRS = 10_000


def checked_bulk_tags(action: TagAction, n_tickets: int, names: Sequence[str]) -> list[str]:
    """Return the names in their normal form; raises Invalid for none to add or remove, and for too many in all."""
    tags = checked_tags(names)
    if not tags and action != "set":
        raise Invalid(f"Name at least one tag to {action}.", code="empty", attr="tags")
    if n_tickets * len(tags) > MAX_PAIRS:
        detail = f"The number of tickets times the number of tags must not exceed {MAX_PAIRS}."
        raise Invalid(detail, attr="tags")
    return tags


def tags_after(action: TagAction, present: Sequence[str], named: Sequence[str]) -> list[str]:
    """Return the tags, sorted, that a ticket has after the action."""
    if action == "set":
        return sorted(named)
    if action == "add":
        return sorted({*present, *named})
    return sorted(set(present) - set(named))
