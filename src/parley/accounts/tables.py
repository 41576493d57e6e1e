"""Tables of accounts. They belong to organizations or users, not to projects, so their keys have no project in front."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from parley.kernel.database.columns import (
    Json,
    UtcDateTime,
    Uuid,
    metadata,
)

organization = Table(
    "organization",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("slug", String(48), nullable=False, unique=True),
    Column("allow_publicly_shared_resources", Boolean, nullable=False, default=True),
    Column("is_ai_data_processing_approved", Boolean, nullable=False, default=False),
    Column("members_can_use_personal_api_keys", Boolean, nullable=False, default=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

user_account = Table(
    "user_account",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("uuid", Uuid, nullable=False, unique=True),
    Column("email", String(254), nullable=False, unique=True),  # lower case
    Column("password_hash", Text, nullable=False),
    Column("first_name", String(150), nullable=False, default=""),
    Column("last_name", String(150), nullable=False, default=""),
    Column("distinct_id", String(200), nullable=False, unique=True),
    Column("is_active", Boolean, nullable=False, default=True),
    Column("is_email_verified", Boolean, nullable=False, default=False),
    Column("hedgehog_config", Json),
    Column("role_at_organization", String(64)),
    Column("current_organization_id", Uuid, ForeignKey("organization.id", ondelete="SET NULL")),
    Column("current_project_id", Integer),  # a wish, checked when it is read
    Column("created_at", UtcDateTime, nullable=False),
)

project = Table(
    "project",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("uuid", Uuid, nullable=False, unique=True),
    Column(
        "organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("name", String(200), nullable=False),
    Column("timezone", String(64), nullable=False, default="UTC"),
    Column(
        "api_token", String(200), nullable=False, unique=True
    ),  # phc_..., public: it is in every page that has the SDK
    # phs_..., a key of HMACs, so it must be readable: encrypted, with its hash for look-ups.
    Column("secret_api_token", Text, nullable=False),
    Column("secret_api_token_hash", String(80), nullable=False, unique=True),
    Column("secret_api_token_backup", Text),
    Column("secret_api_token_backup_hash", String(80), unique=True),
    # whsec_..., the key of HMACs, too; encrypted. The one before signs along until its time is over.
    Column("webhook_signing_secret", Text, nullable=False),
    Column("webhook_signing_secret_backup", Text),
    Column("webhook_signing_secret_backup_until", UtcDateTime),
    Column("conversations_enabled", Boolean, nullable=False, default=False),
    Column(
        "conversations_settings", Json, nullable=False
    ),  # without the widget token, which has its own column
    Column("widget_public_token", String(64), unique=True),
    # Kept by webhooks, so that whatever happens where nobody listens costs nothing.
    Column("has_webhooks", Boolean, nullable=False, default=False),
    # Kept by access_levels: where nobody has set a level, nothing has to be looked up.
    Column("has_access_controls", Boolean, nullable=False, default=False, server_default=false()),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

membership = Table(
    "membership",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("level", SmallInteger, nullable=False),  # 1 member, 8 admin, 15 owner
    Column("is_available", Boolean, nullable=False, default=True),  # for work on tickets
    Column("joined_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("organization_id", "user_id"),
)

role = Table(
    "role",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("organization_id", "name"),
)

role_membership = Table(
    "role_membership",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("role_id", Uuid, ForeignKey("role.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("role_id", "user_id"),
)

personal_api_key = Table(
    "personal_api_key",
    metadata,
    Column("id", String(50), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("label", String(40), nullable=False),
    Column("value_hash", String(300), nullable=False, unique=True),
    Column("mask_value", String(11), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("scoped_teams", Json, nullable=False),
    Column("scoped_organizations", Json, nullable=False),
    # Those that its owner was in when it was made or last widened. None: those joined before it was made.
    Column("covered_organizations", Json),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("last_rolled_at", UtcDateTime),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(80), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

invite = Table(
    "invite",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False),
    Column("target_email", String(254), nullable=False),
    Column("level", SmallInteger, nullable=False),
    # Of the link that whoever invites is shown, and of the one that is in the mail alone.
    Column("token_hash", String(80), nullable=False, unique=True),
    Column("mail_token_hash", String(80)),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_invite_mail_token_hash", "mail_token_hash", unique=True),
    Index("ix_invite_organization_id_created_at", "organization_id", "created_at"),
)

password_reset = Table(
    "password_reset",
    metadata,
    Column("token_hash", String(80), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
