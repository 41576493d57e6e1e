"""The table of customer journeys."""

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

MAX_NAME = 400

customer_journey = Table(
    "customer_journey",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("insight_id", Integer, nullable=False),
    Column("name", String(MAX_NAME), nullable=False),
    Column("description", Text),
    Column("position", Integer, nullable=False, default=0),  # in lists; before the time of making
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "insight_id"], ["insight.project_id", "insight.id"], ondelete="CASCADE"
    ),
    UniqueConstraint("project_id", "insight_id"),
    Index("ix_customer_journey_order", "project_id", "position", "created_at", "id"),
    Index("ix_customer_journey_created_by", "created_by"),
)
