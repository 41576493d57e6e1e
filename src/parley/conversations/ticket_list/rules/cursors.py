"""Marks: the place behind the last ticket of a page, carried in `next`, so that a later page costs what the first does."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import msgspec

from parley.conversations.tickets.rules import MAX_NUMBER, Order
from parley.conversations.tickets.schemas import TicketOut


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """The last ticket's number and, unless the list is sorted by it, the value of the order's key."""

    key: str
    value: datetime | None
    number: int


def mark_text(last: TicketOut, order: Order) -> str:
    """Return the mark behind a ticket as it travels."""
    value = None if order.key == "number" else getattr(last, order.key)
    raw = msgspec.json.encode(Mark(order.key, value, last.ticket_number))
    return urlsafe_b64encode(raw).decode().rstrip("=")


def read_mark(text: str | None, order: Order) -> Mark | None:
    """Read a mark; None where it is missing, made for another order, or not ours."""
    if not text or len(text) > 200:
        return None
    try:
        mark = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Mark)
        if mark.value is not None:
            mark = msgspec.structs.replace(mark, value=mark.value.astimezone(UTC))
    except (ValueError, OverflowError, msgspec.DecodeError):
        return None
    is_whole = mark.value is not None or order.is_nullable or order.key == "number"
    if mark.key != order.key or not is_whole or not 0 < mark.number <= MAX_NUMBER:
        return None
    return mark
