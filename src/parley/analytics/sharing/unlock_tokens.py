"""Proofs that a password was right: a JWT (RFC 7519) that names the password and pins the link (docs/sharing.md)."""

from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from parley.kernel.secrets import Vault
from parley.kernel.signed_tokens import read_signed_token, signed_token

AUDIENCE = "sharing password protected"
LASTS = timedelta(hours=24)


class Unlock(msgspec.Struct, frozen=True):
    """What a proof says; whether it still holds is in the database."""

    share_password_id: int
    team_id: int
    access_token: str


@lru_cache(maxsize=4)
def _keys(vault: Vault) -> tuple[str, ...]:
    return vault.signatures("sharing", "unlock tokens")


def unlock_token(vault: Vault, unlock: Unlock, now: datetime) -> str:
    """Return a proof that lasts a day."""
    return signed_token(_keys(vault)[0], AUDIENCE, unlock, now + LASTS)


def read_unlock(vault: Vault, token: str | None, now: datetime) -> Unlock | None:
    """Return what a proof says; None for one that doesn't hold."""
    return read_signed_token(_keys(vault), AUDIENCE, token, Unlock, now)
