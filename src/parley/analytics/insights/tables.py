"""The tables of insights."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

MAX_NAME = 400

insight = Table(
    "insight",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("short_id", String(12), nullable=False),
    Column("name", String(MAX_NAME)),
    Column("derived_name", String(MAX_NAME)),
    Column("description", Text, nullable=False),
    Column("query", Text),  # JSON text, to give back what was sent
    Column("kind", String(40)),  # of the question in it, such as TrendsQuery
    Column("saved", Boolean, nullable=False),
    Column("favorited", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("tags", Json, nullable=False),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("last_modified_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("last_modified_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "short_id"),
    Index("ix_insight_modified", "project_id", "deleted", "last_modified_at", "id"),
    Index("ix_insight_id", "id"),  # in which project it is, to say so
    Index("ix_insight_created_by", "created_by"),
    Index("ix_insight_last_modified_by", "last_modified_by"),
)

insight_result = Table(
    "insight_result",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "digest", String(64), primary_key=True
    ),  # of what was asked, where, and by whom where that matters
    Column("results", Text),  # JSON text; null until the first answer
    Column("n_bytes", Integer),  # of the results, to know before they are read
    Column("facts", Json),  # columns, types and the like
    Column("computed_at", UtcDateTime),
    Column("failure", Json),  # why the latest attempt had no answer
    Column("failed_at", UtcDateTime),
    Column("lease_until", UtcDateTime),  # somebody computes it
    Column("holder", Uuid),
    Column("kept_until", UtcDateTime, nullable=False),
    Index("ix_insight_result_kept", "kept_until"),
)

insight_run = Table(
    "insight_run",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("query", Text, nullable=False),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE")),
    Column("insight_id", Integer),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("failure", Json),
    Index("ix_insight_run_started", "started_at"),
    Index("ix_insight_run_user_id", "user_id"),
)
