"""The place behind an event in a list that is sorted by time."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from parley.kernel.text.cursors import decoded_cursor


class EventCursor(msgspec.Struct, frozen=True, array_like=True):
    """Time and id of the last event of a page."""

    at: datetime
    id: UUID


def read_event_cursor(text: str | None) -> EventCursor | None:
    """Read a cursor; None where it is missing or not ours."""
    cursor = decoded_cursor(text, EventCursor)
    if cursor is None or cursor.at.tzinfo is None:
        return None
    try:
        return EventCursor(cursor.at.astimezone(UTC), cursor.id)
    except (ValueError, OverflowError):
        return None
