"""The orders of the list, and cursors: places in an order, so that a later page costs what the first one does."""

from datetime import UTC, datetime

import msgspec

from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.rules.ids import MAX_NUMBER
from parley.kernel.text.cursors import decoded_cursor


class Order(msgspec.Struct, frozen=True):
    """How a list of tickets is sorted. Ties go by number, the highest first."""

    key: str = "updated_at"
    descending: bool = True

    @property
    def is_nullable(self) -> bool:
        """Whether tickets may lack the key; these come last in both directions."""
        return self.key in ("sla_due_at", "snoozed_until")


ORDERS = {
    f"{sign}{name}": Order(column, bool(sign))
    for sign in ("", "-")
    for name, column in (
        ("updated_at", "updated_at"),
        ("created_at", "created_at"),
        ("ticket_number", "number"),
        ("sla_due_at", "sla_due_at"),
        ("snoozed_until", "snoozed_until"),
    )
}
LATEST_FIRST = ORDERS["-updated_at"]


class TicketCursor(msgspec.Struct, frozen=True, array_like=True):
    """The place behind a ticket: its number and, unless the list is sorted by that, the value of the order's key."""

    key: str
    value: datetime | None
    number: int


def cursor_behind(last: TicketOut, order: Order) -> TicketCursor:
    """Return the place behind a ticket."""
    value = None if order.key == "number" else getattr(last, order.key)
    return TicketCursor(order.key, value, last.ticket_number)


def read_cursor(text: str | None, order: Order) -> TicketCursor | None:
    """Read a cursor; None where it is missing, made for another order, or not ours."""
    cursor = decoded_cursor(text, TicketCursor)
    if cursor is None or cursor.key != order.key or not 0 < cursor.number <= MAX_NUMBER:
        return None
    if cursor.value is None:
        return cursor if order.is_nullable or order.key == "number" else None
    try:
        return msgspec.structs.replace(cursor, value=cursor.value.astimezone(UTC))
    except (ValueError, OverflowError):
        return None
