"""Identifiers and tokens."""

import hashlib
import hmac
import re
import secrets
import string
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

CANONICAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
ALPHABET = string.ascii_letters + string.digits


def new_uuid() -> UUID:
    """Return a version 7 uuid: unique, and sorted by the time it was made (RFC 9562, section 5.7)."""
    return uuid_utils.compat.uuid7()


def uuid_or_none(text: str) -> UUID | None:
    """Read a uuid as the databases write it (RFC 9562, section 4), in any case of letters; None for what is none.

    Python takes some more for one: with braces, behind `urn:uuid:`, and hyphens at any place.
    """
    return UUID(text) if CANONICAL.fullmatch(text) else None


def made_at(id: UUID) -> datetime:
    """Return when a version 7 uuid was made."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


def first_id_at(at: datetime) -> UUID:
    """Return a uuid that is not greater than any version 7 uuid made at this instant or later."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def last_id_at(at: datetime) -> UUID:
    """Return a uuid that is not less than any version 7 uuid made at this instant or before."""
    return UUID(int=first_id_at(at).int | (1 << 80) - 1)


def new_token(prefix: str = "", length: int = 43) -> str:
    """Return `prefix` and `length` random letters and digits; 43 of them hold 256 bits."""
    number, letters = secrets.randbelow(len(ALPHABET) ** length), []
    for _ in range(length):  # asking the system for each letter would take five times as long
        number, at = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[at])
    return prefix + "".join(letters)


def new_number() -> int:
    """Return a number that no other row of the project has, as good as surely, and nobody guesses: from 1 to 2^31 - 1."""
    return secrets.randbelow(2**31 - 1) + 1


def token_hash(token: str) -> str:
    """Return the form in which a random token is stored: `sha256$` and the hexadecimal digest.

    Unsalted, because the token itself carries at least 128 random bits.
    """
    return "sha256$" + hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def same_token(given: str, expected: str) -> bool:
    """Compare two tokens in constant time; an empty one never matches."""
    if not given or not expected:
        return False
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass")
    )
