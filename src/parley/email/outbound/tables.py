"""Tables of mail that goes out."""

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

WAITING = text("state = 'waiting'")
HELD = text("state = 'held'")

outbound_email = Table(
    "outbound_email",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    # Whose people it is for: of an answer to a merged ticket that one.
    Column("ticket_id", Uuid, nullable=False),
    Column("kind", String(10), nullable=False),  # reply, or unread: of answers that the widget hasn't shown
    Column("channel_id", Uuid, nullable=False),
    Column("message_id", String(400), nullable=False),  # without brackets, the same at every attempt
    Column("in_reply_to", Text),
    Column("thread_ids", Json, nullable=False),  # message ids of the thread before it, oldest first
    Column("subject", String(500), nullable=False),
    Column("state", String(10), nullable=False),  # waiting, held, sent, failed, cancelled
    Column("reason", String(30)),  # why it is held, failed or cancelled
    Column("next_at", UtcDateTime),  # when it is due, while it waits
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", String(600)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index(
        "ix_outbound_email_due", "project_id", "next_at", "id", sqlite_where=WAITING, postgresql_where=WAITING
    ),
    Index(
        "ix_outbound_email_waiting", "next_at", "project_id", sqlite_where=WAITING, postgresql_where=WAITING
    ),
    Index("ix_outbound_email_held", "project_id", "id", sqlite_where=HELD, postgresql_where=HELD),
    Index("ix_outbound_email_recent", "project_id", "created_at"),
    Index("ix_outbound_email_ticket", "project_id", "ticket_id", "created_at"),
    Index("ix_outbound_email_message_id", "project_id", "message_id"),
)

# Which messages are in a mail. A message is in several where a merge has brought people together.
outbound_email_message = Table(
    "outbound_email_message",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("comment_id", Uuid, primary_key=True),
    Column("email_id", Uuid, primary_key=True),
    ForeignKeyConstraint(
        ["project_id", "email_id"], ["outbound_email.project_id", "outbound_email.id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["project_id", "comment_id"], ["comment.project_id", "comment.id"], ondelete="CASCADE"
    ),
    Index(None, "project_id", "email_id"),
)

outbound_recipient = Table(
    "outbound_recipient",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("email_id", Uuid, primary_key=True),
    Column("address", String(254), primary_key=True),  # in its normal form
    Column("kind", String(2), nullable=False),  # to, cc
    Column("state", String(10), nullable=False),  # waiting, accepted, failed, bounced
    Column("answer", String(600)),  # what the mail server said last
    Column("accepted_at", UtcDateTime),
    Column("bounced_at", UtcDateTime),
    Column("bounce", String(600)),  # what the notice says
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "email_id"], ["outbound_email.project_id", "outbound_email.id"], ondelete="CASCADE"
    ),
    Index(None, "project_id", "address", "created_at"),
)

# One row for each project that has sent mail.
outbound_queue = Table(
    "outbound_queue",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("called_at", UtcDateTime),  # when work was asked for that has not begun
    Column("busy_by", Uuid),  # the work that is sending, and until when at most
    Column("busy_until", UtcDateTime),
    Column("resumed_at", UtcDateTime),  # what went out before counts no more for the brake
)
