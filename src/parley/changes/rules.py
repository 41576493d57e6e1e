"""What may be read of the changes of a project, and how long."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

KEPT_FOR: Final = timedelta(hours=48)
MOST_DIGITS = 18


def kept_since(now: datetime) -> datetime:
    """Return the moment before which changes are forgotten."""
    return now - KEPT_FOR


def place_of(text: str) -> int | None:
    """Return the place that an id stands for; None for what no place can be."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None


def unbroken(after: int, places: Sequence[int]) -> int:
    """Return how many of the places follow `after` without a gap: behind it, something is forgotten already."""
    wanted = range(after + 1, after + 1 + len(places))
    return next(
        (n for n, (place, due) in enumerate(zip(places, wanted, strict=True)) if place != due), len(places)
    )
