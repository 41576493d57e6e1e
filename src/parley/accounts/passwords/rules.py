"""Which passwords are good enough."""

import unicodedata

from parley.kernel.errors import Invalid, blank, too_long
from parley.kernel.text.forms import normalized

MIN_LENGTH, MAX_LENGTH = 8, 128
RUNS = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1q2w3e4r5t6y")
# The words that lead every published list of leaked passwords, without the digits that people add to them.
COMMON_WORDS = (
    "password passw passwd p@ssword p@ssw pa$$word letmein welcome admin administrator iloveyou sunshine "
    "princess football baseball basketball superman batman trustno monkey dragon master shadow michael "
    "jennifer jordan hunter killer charlie secret changeme qwerty qwertyuiop computer internet starwars "
    "whatever freedom access mustang hello login default guest root test testtest support parley posthog "
    "qazwsx asdfgh zxcvbn love abc abcd superuser "
)
COMMON = frozenset(COMMON_WORDS.split())


def normal_password(password: str) -> str:
    """Return the password as it is hashed and measured: the OpaqueString of RFC 8265, with NFKC.

    What looks the same on two keyboards so is the same password; its case and its spaces count.
    """
    if password.isascii():
        return password
    plain = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in password)
    return normalized("NFKC", plain)


def check_password(password: str, *, email: str = "", attr: str = "password") -> None:
    """Raise Invalid for a password that is too short, too long, or among the first that anybody would try."""
    password = normal_password(password)
    if not password:
        raise blank(attr)
    if len(password) < MIN_LENGTH:
        raise Invalid(
            f"This password is too short. It must contain at least {MIN_LENGTH} characters.",
            code="password_too_short",
            attr=attr,
        )
    if len(password) > MAX_LENGTH:
        raise too_long(MAX_LENGTH, attr)
    if is_common(password) or (
        email and password.lower() in (email.lower(), email.lower().partition("@")[0])
    ):
        raise Invalid("This password is too easy to guess.", code="password_too_common", attr=attr)


def is_common(password: str) -> bool:
    """Say whether it is a well-known word with digits around it, one character repeated, or a run of keys."""
    plain = password.lower()
    core = plain.strip("0123456789!?.*#_-")
    if core in COMMON or len(set(plain)) < 3:
        return True
    half = plain[: len(plain) // 2]
    return any(plain in run or plain in run[::-1] for run in RUNS) or (half * 2 == plain and is_common(half))
