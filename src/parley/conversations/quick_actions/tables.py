"""The table of quick actions."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from parley.kernel.database.columns import (
    Json,
    UtcDateTime,
    Uuid,
    metadata,
)

quick_action = Table(
    "quick_action",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("short_id", String(12), nullable=False),
    Column("name", String(200), nullable=False),
    Column("description", String(400), nullable=False),
    Column("content", Text, nullable=False),
    Column("rich_content", Json),
    Column("actions", Json, nullable=False),
    Column("visibility", String(10), nullable=False),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "short_id"),
    Index(None, "project_id", "name", "id"),
)
