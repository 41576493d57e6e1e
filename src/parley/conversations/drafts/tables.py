"""The table of drafts."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
)

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

message_draft = Table(
    "message_draft",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    Column("is_private", Boolean, nullable=False),
    Column("content", Text, nullable=False),
    Column("rich_content", Json),
    Column("actions", Json),  # what is set on the ticket when it is sent
    Column("updated_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index(None, "project_id", "ticket_id"),
)
