"""The message ids that a project's tickets know."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, String, Table, Text

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

email_reference = Table(
    "email_reference",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("digest", String(64), primary_key=True),  # SHA-256 of the id: ids have any length, and any bytes
    Column("message_id", Text, nullable=False),  # without brackets
    Column("ticket_id", Uuid, nullable=False),
    Column("comment_id", Uuid),  # the message that the mail has become; none of ids that are only named
    Column("origin", String(10), nullable=False),  # named, received, sent: `rules.Origin`
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index("ix_email_reference_ticket", "project_id", "ticket_id", "created_at"),
)
