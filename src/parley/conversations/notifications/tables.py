"""Tables of notifications: what the team is still to be mailed, and when it was mailed last."""

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Integer, Table

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

# New conversations of which the team has had no mail yet.
first_message_notice = Table(
    "first_message_notice",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
)

# When the team was mailed last, one row for each project that has new conversations.
first_message_digest = Table(
    "first_message_digest",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("mailed_at", UtcDateTime),
    Column("is_planned", Boolean, nullable=False, default=False),  # a work waits for the end of the pause
)
