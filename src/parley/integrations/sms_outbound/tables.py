"""Tables of text messages that go out."""

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
    text,
)

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

WAITING = text("state = 'waiting' OR state = 'sending'")
HELD = text("state = 'held'")

sms_message = Table(
    "sms_message",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("contact_id", Uuid, nullable=False),
    Column("comment_id", Uuid, nullable=False),
    Column("part", Integer, nullable=False),  # 1, 2, ... of a long answer
    Column("body", Text, nullable=False),  # until it is settled
    Column("state", String(10), nullable=False),
    Column("reason", String(30)),
    Column("detail", String(400)),  # the same as a sentence
    Column("sid", String(34)),  # how Twilio calls it
    Column("code", Integer),  # Twilio's error
    Column("segments", Integer),  # how many messages Twilio charges for it
    Column("next_at", UtcDateTime),
    Column("begun_at", UtcDateTime),  # when the first attempt began of which it is not known how it ended
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    ForeignKeyConstraint(
        ["project_id", "contact_id"], ["sms_contact.project_id", "sms_contact.id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["project_id", "comment_id"], ["comment.project_id", "comment.id"], ondelete="CASCADE"
    ),
    UniqueConstraint("project_id", "comment_id", "part"),
    Index("ix_sms_message_contact", "project_id", "contact_id", "created_at", "part"),
    Index("ix_sms_message_recent", "project_id", "created_at"),
    Index("ix_sms_message_due", "next_at", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("ix_sms_message_held", "project_id", "id", sqlite_where=HELD, postgresql_where=HELD),
    Index("ix_sms_message_sid", "project_id", "sid"),
)

# When somebody of a project let held messages go last: what went out before counts no more for the brake.
sms_brake = Table(
    "sms_brake",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("resumed_at", UtcDateTime, nullable=False),
)

# One row for each customer to whom something went out.
sms_queue = Table(
    "sms_queue",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("contact_id", Uuid, primary_key=True),
    Column("called_at", UtcDateTime),  # when work was asked for that has not begun
    Column("busy_by", Uuid),  # the work that is sending, and until when at most
    Column("busy_until", UtcDateTime),
    ForeignKeyConstraint(
        ["project_id", "contact_id"], ["sms_contact.project_id", "sms_contact.id"], ondelete="CASCADE"
    ),
)
