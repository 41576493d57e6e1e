"""The tables of dashboards."""

from sqlalchemy import (
    Boolean,
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

from parley.kernel.database.columns import Json, UtcDateTime, metadata

MAX_NAME = 400

dashboard = Table(
    "dashboard",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(MAX_NAME)),
    Column("description", Text, nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("creation_mode", String(20), nullable=False),
    Column("filters", Json, nullable=False),
    Column("variables", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("restriction_level", Integer, nullable=False),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_dashboard_created", "project_id", "deleted", "created_at", "id"),
    Index("ix_dashboard_created_by", "created_by"),
)

dashboard_tile = Table(
    "dashboard_tile",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("dashboard_id", Integer, nullable=False),
    Column("insight_id", Integer),  # of an insight
    Column("text", Json),  # of a text
    Column("layouts", Json, nullable=False),
    Column("color", String(MAX_NAME)),
    Column("position", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),  # kept, so that it comes back where it was
    ForeignKeyConstraint(
        ["project_id", "dashboard_id"],
        ["dashboard.project_id", "dashboard.id"],
        name="fk_dashboard_tile_dashboard",
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(
        ["project_id", "insight_id"],
        ["insight.project_id", "insight.id"],
        name="fk_dashboard_tile_insight",
        ondelete="CASCADE",
    ),
    UniqueConstraint("project_id", "dashboard_id", "insight_id", name="uq_dashboard_tile_insight"),
    Index("ix_dashboard_tile_insight", "project_id", "insight_id"),
)
