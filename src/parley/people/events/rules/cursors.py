"""Marks: the place behind the last row of a page that is sorted by time, so that later pages cost what the first does."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

import msgspec


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Time and id of the last row."""

    at: datetime
    id: UUID


def mark_text(at: datetime, key: UUID) -> str:
    """Return a mark as it travels."""
    return urlsafe_b64encode(msgspec.json.encode(Mark(at, key))).decode().rstrip("=")


def read_mark(text: str | None) -> Mark | None:
    """Read a mark; None where it is missing or not ours."""
    if not text or len(text) > 200:
        return None
    try:
        mark = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Mark)
        return Mark(mark.at.astimezone(UTC), mark.id) if mark.at.tzinfo else None
    except (ValueError, OverflowError, msgspec.DecodeError):
        return None
