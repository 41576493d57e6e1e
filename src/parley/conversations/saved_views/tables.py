"""Tables of saved views."""

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

saved_view = Table(
    "saved_view",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("short_id", String(12), nullable=False),
    Column("name", String(400), nullable=False),
    Column("filters", Text, nullable=False),  # JSON text, to give back what was sent
    Column("visibility", String(10), nullable=False),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "short_id"),
    Index(None, "project_id", "created_at", "id"),
)

saved_view_favorite = Table(
    "saved_view_favorite",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("view_id", Uuid, primary_key=True),
    ForeignKeyConstraint(
        ["project_id", "view_id"], ["saved_view.project_id", "saved_view.id"], ondelete="CASCADE"
    ),
    Index(None, "project_id", "view_id"),
)
