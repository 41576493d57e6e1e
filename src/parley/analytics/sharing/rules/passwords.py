"""Passwords of shares."""

import secrets

from parley.accounts.passwords.rules import normal_password
from parley.kernel.errors import Invalid, too_long
from parley.kernel.text.forms import trimmed

MIN_LENGTH, MAX_LENGTH = 8, 4096
"""Of the password in the form in which it is compared. The greater one bounds what an unlocking request has to carry."""
MAX_NOTE = 100
MOST_PASSWORDS = 100
"""That open one share at the same time."""
GENERATED_BYTES = 16
BEYOND_IDS, MAX_DIGITS = 2**31, 10
UNTITLED = "Untitled password"
NOBODY = "deleted user"


def new_password_id() -> int:
    """Return a number that no other password of the project has, as good as surely, and nobody guesses."""
    return secrets.randbelow(BEYOND_IDS - 1) + 1


def password_id_of(text: str) -> int | None:
    """Return the number of a password that a request names; None for what can't be one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return int(text) if is_number and 0 < int(text) < BEYOND_IDS else None


def compared_form(password: str) -> str:
    """Return the password without white space around it, in the form in which equal ones are equal (NFKC)."""
    return trimmed(normal_password(password))


def checked_password(given: str | None) -> str:
    """Return the password that was chosen, or a new one where none was; raises Invalid."""
    password = trimmed(given or "")
    if not password:
        return secrets.token_urlsafe(GENERATED_BYTES)
    if len(compared_form(password)) < MIN_LENGTH:
        raise Invalid(f"Password must be at least {MIN_LENGTH} characters long.", attr="raw_password")
    if len(password) > MAX_LENGTH or len(compared_form(password)) > MAX_LENGTH:
        raise too_long(MAX_LENGTH, "raw_password")
    return password
