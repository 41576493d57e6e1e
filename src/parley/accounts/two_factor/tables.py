"""What somebody has beside a password. Users belong to no organization, so the keys have no project in front."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, Text

from parley.kernel.database.columns import ENCRYPTED, Json, UtcDateTime, Uuid, metadata

MAX_PASSKEY_NAME = 100
MAX_CREDENTIAL_ID = 1400
"""Of base64url: a credential id has at most 1,023 bytes (W3C Web Authentication)."""


def _user(*, is_key: bool) -> Column[int]:
    of_user = ForeignKey("user_account.id", ondelete="CASCADE")
    return Column("user_id", Integer, of_user, nullable=False, primary_key=is_key, index=not is_key)


totp = Table(
    "totp",
    metadata,
    _user(is_key=True),
    Column("sealed_secret", Text, nullable=False, info=ENCRYPTED),
    Column("started_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),  # null while it is being set up
    Column("last_step", BigInteger),  # of the code that was accepted last
)

recovery_code = Table(
    "recovery_code",
    metadata,
    _user(is_key=True),
    Column("code_hash", String(80), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", Uuid, primary_key=True),
    _user(is_key=False),
    Column("credential_id", String(MAX_CREDENTIAL_ID), nullable=False, unique=True),  # base64url
    Column("public_key", Text, nullable=False),  # COSE, base64url
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", Json, nullable=False),
    Column("name", String(MAX_PASSKEY_NAME), nullable=False),
    Column("is_backed_up", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
)

sign_in_step = Table(
    "sign_in_step",
    metadata,
    Column("token_hash", String(80), primary_key=True),
    Column("purpose", String(20), nullable=False),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), index=True),
    Column("challenge", String(100)),  # base64url, of a passkey
    Column("n_tries", Integer, nullable=False, default=0),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
