"""The table of personal API keys."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from parley.kernel.database.columns import Json, UtcDateTime, metadata

MAX_LABEL_LENGTH = 40

personal_api_key = Table(
    "personal_api_key",
    metadata,
    Column("id", String(50), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("label", String(MAX_LABEL_LENGTH), nullable=False),
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
