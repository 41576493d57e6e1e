"""The table of sessions."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from parley.kernel.database.columns import UtcDateTime, metadata

MAX_ADDRESS, MAX_AGENT = 60, 300

session = Table(
    "session",
    metadata,
    Column("token_hash", String(80), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column(
        "authenticated_at", UtcDateTime
    ),  # when the user last proved who they are; null is as `created_at`
    Column("last_seen_at", UtcDateTime),  # at most an hour late
    Column("method", String(20), nullable=False, default="password", server_default="password"),
    Column("address", String(MAX_ADDRESS), nullable=False, default="", server_default=""),
    Column("user_agent", String(MAX_AGENT), nullable=False, default="", server_default=""),
)
