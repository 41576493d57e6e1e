"""Tables of persons."""

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table

from parley.kernel.db import Json, UtcDateTime, Uuid, metadata

person = Table(
    "person",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("properties", Json, nullable=False),
    Column("email", String(254)),  # the property `email`, lower-cased, for look-ups
    Column("is_identified", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime),
    Index("ix_person_project_id_created_at_id", "project_id", "created_at", "id"),
    Index("ix_person_project_id_email", "project_id", "email"),
)

person_distinct_id = Table(
    "person_distinct_id",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("distinct_id", String(400), primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "person_id"], ["person.project_id", "person.id"], ondelete="CASCADE"),
    Index("ix_person_distinct_id_project_id_person_id_created_at", "project_id", "person_id", "created_at"),
)
