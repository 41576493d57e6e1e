"""The table of restore links."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from parley.kernel.database.columns import UtcDateTime, metadata

restore_link = Table(
    "restore_link",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("token_hash", String(80), primary_key=True),
    Column("email", String(254), nullable=False),  # in its normal form
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),  # or when another link of this address was
    Index("ix_restore_link_email", "project_id", "email", "token_hash"),
    Index("ix_restore_link_expires", "expires_at"),
)
