"""Cursors: the opaque place behind the last row of a page, so that a later page costs what the first one does.

A list says what its place is, as a struct; here it becomes text for a URL, and a struct again.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

C = TypeVar("C", bound=msgspec.Struct)

MAX_CURSOR = 200


def encoded_cursor(place: msgspec.Struct) -> str:
    """Return a place as it travels in `next`."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def decoded_cursor(text: str | None, type_: type[C]) -> C | None:
    """Read a place; None where it is missing or not ours."""
    if not text or len(text) > MAX_CURSOR:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=type_)
    except (ValueError, OverflowError, msgspec.DecodeError):
        return None
