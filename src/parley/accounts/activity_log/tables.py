"""The table of the activity log."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from parley.kernel.database.columns import (
    Json,
    UtcDateTime,
    Uuid,
    metadata,
)

activity_log = Table(
    "activity_log",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),  # version 7: its order is the order of time
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),  # None: the system itself
    Column("activity", String(79), nullable=False),
    Column("scope", String(79), nullable=False),
    Column("item_id", String(72), nullable=False),
    Column("detail", Json, nullable=False),
    Column("was_impersonated", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_activity_log_item", "project_id", "scope", "item_id", "id"),
)
