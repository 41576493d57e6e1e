"""Identity verification: what the project's own server signed about its user (docs/wire/widget.md#identity)."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

FARTHEST_EXPIRY = timedelta(hours=24, minutes=5)


class SignedEmail(msgspec.Struct, frozen=True):
    """A signed e-mail address that is good until `expires_at` (seconds since 1970)."""

    email: str
    signature: str
    expires_at: int


class Identity(msgspec.Struct, frozen=True):
    """A signed distinct id; `hash` has 64 hexadecimal digits."""

    distinct_id: str
    hash: str
    email: SignedEmail | None = None


def signature(secret: str, text: str) -> str:
    """Return the hexadecimal HMAC-SHA256 with which a project's server signs."""
    return hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def is_signed(identity: Identity, secrets: Iterable[str]) -> bool:
    """Say whether one of the project's secrets made the hash; an empty secret makes none."""
    return _any_made(secrets, identity.distinct_id, identity.hash)


def verified_email(identity: Identity, secrets: Iterable[str], now: datetime) -> str | None:
    """Return the e-mail address in lower case, if it is well signed, running, and not for too long."""
    signed = identity.email
    if signed is None:
        return None
    seconds_left = signed.expires_at - now.timestamp()
    if not 0 < seconds_left <= FARTHEST_EXPIRY.total_seconds():
        return None
    email = signed.email.strip().lower()
    parts = ("v1", identity.distinct_id, "email", email, str(signed.expires_at))
    # NUL separates the parts, so one inside a part could move the border between two of them.
    if not email or any("\x00" in part for part in parts):
        return None
    return email if _any_made(secrets, "\x00".join(parts), signed.signature) else None


def session_of(identity: Identity) -> UUID:
    """Return the session that a verified identity has: the first half of its hash."""
    return UUID(identity.hash[:32])


def _any_made(secrets: Iterable[str], text: str, given: str) -> bool:
    # Every secret is tried, so that the time taken does not tell which one fits.
    digest = given.lower().encode("utf-8", "surrogatepass")
    found = [hmac.compare_digest(signature(secret, text).encode(), digest) for secret in secrets if secret]
    return any(found)
