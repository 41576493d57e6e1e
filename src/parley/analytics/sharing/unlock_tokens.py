"""Proofs that a password was right: a JWT (RFC 7519) that names the password and pins the link (docs/sharing.md)."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from parley.kernel.secrets import Vault

AUDIENCE = "sharing password protected"
ALGORITHM = "HS256"
LASTS = timedelta(hours=24)
MAX_TOKEN_LENGTH = 2000
REQUIRED = ["aud", "exp", "share_password_id", "team_id", "access_token"]


class Unlock(msgspec.Struct, frozen=True):
    """What a proof says; whether it still holds is in the database."""

    share_password_id: int
    team_id: int
    access_token: str


@lru_cache(maxsize=4)
def _key(vault: Vault) -> str:
    return vault.signature("sharing", "unlock tokens")


def unlock_token(vault: Vault, unlock: Unlock, now: datetime) -> str:
    """Return a proof that lasts a day."""
    import jwt  # needed by few requests, so not at the start

    claims = {**msgspec.structs.asdict(unlock), "aud": AUDIENCE, "exp": int((now + LASTS).timestamp())}
    return jwt.encode(claims, _key(vault), algorithm=ALGORITHM)


def read_unlock(vault: Vault, token: str | None, now: datetime) -> Unlock | None:
    """Return what a proof says; None for one that is no JWT of ours, is meant for something else, or is over."""
    if not token or len(token) > MAX_TOKEN_LENGTH:
        return None
    import jwt

    # The time is compared here, by the clock of the services.
    options: Any = {"require": REQUIRED, "verify_exp": False}
    try:
        claims = jwt.decode(token, _key(vault), algorithms=[ALGORITHM], audience=AUDIENCE, options=options)
        is_over = float(claims["exp"]) <= now.timestamp()
        return None if is_over else msgspec.convert(claims, Unlock)
    except (jwt.InvalidTokenError, msgspec.ValidationError, TypeError, ValueError):
        return None
