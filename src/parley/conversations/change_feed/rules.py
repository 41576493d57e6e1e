"""What may be read of the changes of a project, and how long."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

CHANGES_KEPT_FOR: Final = timedelta(hours=48)
"""How long a client may be away and then read on. docs/stream.md names it, too."""
MOST_DIGITS = 18
CHECK_DIGITS = 8


class Cursor(NamedTuple):
    """Up to where somebody has read: a place, and a check of which change was there.

    After a backup was restored the same places are given to other changes; the check tells them apart.
    """

    place: int
    check: str = ""

    def __str__(self) -> str:
        return f"{self.place}-{self.check}" if self.check else str(self.place)


def cursor_at(place: int, change_id: UUID | None) -> Cursor:
    """Return the cursor of whoever has read a change; None where nothing has changed yet."""
    # The last digits of an id are random, the first ones are the time.
    return Cursor(place, change_id.hex[-CHECK_DIGITS:] if change_id else "")


def cursor_of(text: str) -> Cursor | None:
    """Return the cursor that an id stands for, None for what is none. The ids of earlier versions have no check."""
    place, dash, check = text.partition("-")
    is_whole = not dash or (len(check) == CHECK_DIGITS and set(check) <= set("0123456789abcdef"))
    found = place_of(place)
    return Cursor(found, check) if found is not None and is_whole else None


def changes_kept_since(now: datetime) -> datetime:
    """Return the moment before which changes are forgotten."""
    return now - CHANGES_KEPT_FOR


def place_of(text: str) -> int | None:
    """Return the place that a text stands for; None for what no place can be."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None


def unbroken(after: int, places: Sequence[int]) -> int:
    """Return how many of the places follow `after` without a gap: behind it, something is forgotten already."""
    wanted = range(after + 1, after + 1 + len(places))
    return next(
        (n for n, (place, due) in enumerate(zip(places, wanted, strict=True)) if place != due), len(places)
    )
