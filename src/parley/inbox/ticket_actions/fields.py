"""What forms of tickets hold, as the API takes it."""

from datetime import datetime
from typing import Any

from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.text.iso_moments import calendar_moment
from parley.kernel.text.time_zones import zone

MAX_LENGTH, MOST_DIGITS = 40, 20
NOBODY_CALLED_SO = "Nobody is called so. Choose somebody from the list."
NO_TIME = "This is no date with a time. Write it such as 2030-01-31T09:00."


def assignee_of_form(text: str, actor: Actor) -> dict[str, Any] | None:
    """Return who `me`, `user:7` or `role:<uuid>` is; None, for nobody, where it is empty. Raises Invalid."""
    if text == "me":
        return {"type": "user", "id": actor.user_id}
    if not text:
        return None
    kind, _, id = text.partition(":")
    if not id:
        raise Invalid(NOBODY_CALLED_SO, attr="assignee")
    is_number = kind == "user" and id.isascii() and id.isdigit() and len(id) <= MOST_DIGITS
    return {"type": kind, "id": int(id) if is_number else id}


def moment_of(text: str, timezone: str) -> datetime | None:
    """Return the moment that a clock on the wall of the time zone shows so; None where it is empty. Raises Invalid."""
    if not text.strip():
        return None
    try:
        at = calendar_moment(text.strip()[:MAX_LENGTH])
    except ValueError as error:
        raise Invalid(NO_TIME) from error
    return at if at.tzinfo else at.replace(tzinfo=zone(timezone))
