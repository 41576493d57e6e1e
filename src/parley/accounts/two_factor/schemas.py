"""Two-factor sign-in on the wire (names as PostHog has them)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.accounts.two_factor.tables import MAX_CREDENTIAL_ID, MAX_PASSKEY_NAME
from parley.kernel.http.body import NAME

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


class PasskeyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey; `is_backed_up` says that its owner's devices share it."""

    id: UUID
    label: str
    created_at: datetime
    last_used_at: datetime | None
    transports: list[str]
    is_backed_up: bool
    verified: bool = True


class PasskeyPatch(msgspec.Struct, frozen=True):
    """A new name of a passkey."""

    label: Annotated[str, Meta(min_length=1, max_length=MAX_PASSKEY_NAME, extra=NAME)]


class PasskeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator has answered, as `PublicKeyCredential.toJSON()` gives it."""

    id: Annotated[str, Meta(min_length=1, max_length=MAX_CREDENTIAL_ID)]
    rawId: Annotated[str, Meta(min_length=1, max_length=MAX_CREDENTIAL_ID)]
    type: Annotated[str, Meta(max_length=20)] = "public-key"
    response: dict[str, Any]
    label: Annotated[str, Meta(max_length=MAX_PASSKEY_NAME, extra=NAME)] = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as the library reads it."""
        return {"id": self.id, "rawId": self.rawId, "type": self.type, "response": self.response}


class PasskeyMade(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey was made; it can be used at once."""

    success: bool = True
    credential_id: UUID
