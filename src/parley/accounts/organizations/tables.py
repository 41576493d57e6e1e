"""The table of organizations."""

from sqlalchemy import Boolean, Column, String, Table, false

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

MAX_NAME_LENGTH = 64

organization = Table(
    "organization",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(MAX_NAME_LENGTH), nullable=False),
    Column("slug", String(48), nullable=False, unique=True),
    Column("allow_publicly_shared_resources", Boolean, nullable=False, default=True),
    Column("is_ai_data_processing_approved", Boolean, nullable=False, default=False),
    Column("members_can_use_personal_api_keys", Boolean, nullable=False, default=True),
    Column("enforce_2fa", Boolean, nullable=False, default=False, server_default=false()),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
