"""The table of links that reset a forgotten password."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from parley.kernel.database.columns import UtcDateTime, metadata

password_reset = Table(
    "password_reset",
    metadata,
    Column("token_hash", String(80), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
