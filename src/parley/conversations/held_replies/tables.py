"""The table of held replies."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table, Text

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

held_reply = Table(
    "held_reply",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False),
    Column("ticket_id", Uuid, nullable=False),
    Column("content", Text, nullable=False),
    Column("rich_content", Json),
    Column("file_ids", Json, nullable=False),
    Column("status", String(20)),  # what the ticket's becomes with it
    Column("actions", Json),  # what else is set on the ticket with it
    Column("send_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index(None, "project_id", "ticket_id", "user_id"),
)
