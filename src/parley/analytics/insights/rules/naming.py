"""How an insight is found and called."""

import secrets
import string

from parley.kernel.ids import new_token

SHORT_ID_LENGTH = 8
BEYOND_IDS, MAX_DIGITS = 2**31, 10


def new_short_id() -> str:
    """Return 8 letters and digits; the first is a letter, so that it is no number."""
    return secrets.choice(string.ascii_letters) + new_token(length=SHORT_ID_LENGTH - 1)


def number_of(text: str) -> int | None:
    """Return the number that a path names; None for what can't be one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return int(text) if is_number and 0 < int(text) < BEYOND_IDS else None
