"""Codes: which one an authenticator shows now (RFC 6238), and what a recovery code looks like."""

import hmac
import secrets
from datetime import datetime

ISSUER = "Parley"
STEP_S, SKEW = 30, 1
"""A code holds for 30 seconds; that of the step before and after passes, too, for clocks that are a little off."""
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No letters and digits that look alike."""
N_RECOVERY_CODES, N_GROUPS, GROUP = 10, 4, 4
"""Sixteen of 31 signs are 79 bits: nobody finds one by trying all, even with the stored hash."""


def new_secret() -> str:
    """Return a random secret of 160 bits in base 32, as RFC 4226 recommends."""
    import pyotp

    return pyotp.random_base32()


def setup_uri(secret: str, email: str) -> str:
    """Return what the QR code says to an authenticator (`otpauth://totp/...`)."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def qr_code(uri: str) -> str:
    """Return the QR code of a URI as an SVG element, dark on white."""
    import segno

    made: str = segno.make(uri, error="m").svg_inline(
        scale=5, border=3, dark="#000", light="#fff", svgclass=None, lineclass=None, title="QR code"
    )
    return made


def plain_code(text: str) -> str:
    """Return a code as it is compared: people type spaces and hyphens, and capitals."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def is_totp_shaped(code: str) -> bool:
    """Say whether a plain code could be one of an authenticator: six digits."""
    return len(code) == 6 and code.isascii() and code.isdigit()


def matching_step(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """Return the time step whose code this is, or None. No step counts twice, nor any before one that has counted."""
    import pyotp

    if not is_totp_shaped(code):
        return None
    totp, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    found = None
    for step in range(current - SKEW, current + SKEW + 1):
        is_same = hmac.compare_digest(totp.generate_otp(step), code)
        if is_same and (last_step is None or step > last_step):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Return ten codes in groups of four signs."""
    return ["-".join(_group() for _ in range(N_GROUPS)) for _ in range(N_RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(GROUP))
