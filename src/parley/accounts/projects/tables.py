"""The table of projects."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, false

from parley.kernel.database.columns import ENCRYPTED, Json, UtcDateTime, Uuid, metadata

MAX_NAME_LENGTH = 200

project = Table(
    "project",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("uuid", Uuid, nullable=False, unique=True),
    Column(
        "organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("name", String(MAX_NAME_LENGTH), nullable=False),
    Column("timezone", String(64), nullable=False, default="UTC"),
    Column(
        "api_token", String(200), nullable=False, unique=True
    ),  # phc_..., public: it is in every page that has the SDK
    # phs_..., a key of HMACs, so it must be readable: encrypted, with its hash for look-ups.
    Column("secret_api_token", Text, nullable=False, info=ENCRYPTED),
    Column("secret_api_token_hash", String(80), nullable=False, unique=True),
    Column("secret_api_token_backup", Text, info=ENCRYPTED),
    Column("secret_api_token_backup_hash", String(80), unique=True),
    # whsec_..., the key of HMACs, too; encrypted. The one before signs along until its time is over.
    Column("webhook_signing_secret", Text, nullable=False, info=ENCRYPTED),
    Column("webhook_signing_secret_backup", Text, info=ENCRYPTED),
    Column("webhook_signing_secret_backup_until", UtcDateTime),
    Column("conversations_enabled", Boolean, nullable=False, default=False),
    Column(
        "conversations_settings", Json, nullable=False
    ),  # without the widget token, which has its own column
    Column("widget_public_token", String(64), unique=True),
    Column("recording_settings", Json),  # of session recordings, by the names that they have on the wire
    # Kept by webhooks, so that whatever happens where nobody listens costs nothing.
    Column("has_webhooks", Boolean, nullable=False, default=False),
    # Kept by access_levels: where nobody has set a level, nothing has to be looked up.
    Column("has_access_controls", Boolean, nullable=False, default=False, server_default=false()),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
