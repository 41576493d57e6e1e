"""How requests name tickets: by uuid or by number."""

from uuid import UUID

from parley.kernel.ids import uuid_or_none

MAX_NUMBER = 2**31 - 1


def id_or_number(text: str) -> UUID | int | None:
    """Read how a path names a ticket: by its uuid or its number; None names nothing.

    Only ASCII digits make a number: `²` is a digit to Python, too.
    """
    if text.isascii() and text.isdigit():
        number = int(text) if len(text) <= 10 else 0
        return number if 0 < number <= MAX_NUMBER else None
    return uuid_of(text)


def uuid_of(text: str | None) -> UUID | None:
    """Read a uuid; None where it isn't one."""
    return uuid_or_none(text) if text else None
