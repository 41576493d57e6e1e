"""Tables of notifications: what members are still to be mailed, and when they were mailed last."""

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

notification = Table(
    "notification",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(30), primary_key=True),
    Column("subject_id", Uuid, primary_key=True),  # the note of a mention, else the ticket
    Column("ticket_id", Uuid, nullable=False),
    Column("comment_id", Uuid),
    Column("actor_id", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("role_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index("ix_notification_ticket", "project_id", "ticket_id"),
)

notification_digest = Table(
    "notification_digest",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("mailed_at", UtcDateTime),
    Column("planned_for", UtcDateTime),  # when the work that sends the next mail is due
)

# Earlier versions noted conversations for a whole project. They may still write here while this one migrates.
first_message_notice = Table(
    "first_message_notice",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
)
first_message_digest = Table(
    "first_message_digest",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("mailed_at", UtcDateTime),
    Column("is_planned", Boolean, nullable=False, default=False),
)
