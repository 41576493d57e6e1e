"""The table of conversations that were begun a moment ago, so that a repeated request begins none."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

composed_ticket = Table(
    "composed_ticket",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), primary_key=True),  # of all that makes two requests the same
    Column("ticket_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index("ix_composed_ticket_ticket", "project_id", "ticket_id"),
    Index("ix_composed_ticket_created", "created_at"),
)
