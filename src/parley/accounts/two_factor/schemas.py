"""Two-factor sign-in on the wire (names as PostHog has them)."""

from typing import Annotated

import msgspec
from msgspec import Meta

Code = Annotated[str, Meta(min_length=1, max_length=100)]


class SetupStarted(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator is told; only this answer shows it."""

    success: bool = True
    secret: str
    uri: str


class CodeGiven(msgspec.Struct, frozen=True):
    """A code of an authenticator, or a recovery code."""

    token: Code


class TwoFactorOn(msgspec.Struct, frozen=True, kw_only=True):
    """Two-factor sign-in is on; only this answer shows the recovery codes."""

    success: bool = True
    backup_codes: list[str]


class RecoveryCodes(msgspec.Struct, frozen=True):
    """New recovery codes; only this answer shows them, and the old ones are void."""

    backup_codes: list[str]


class TwoFactorStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Whether two-factor sign-in is on. `backup_codes` is always empty: only hashes are stored."""

    is_enabled: bool
    method: str | None
    backup_codes: list[str] = []
    backup_codes_left: int


class TwoFactorDone(msgspec.Struct, frozen=True):
    """It worked."""

    success: bool = True
