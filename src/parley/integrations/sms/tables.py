"""Tables of text messages."""

from sqlalchemy import (
    Boolean,
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
    true,
)

from parley.kernel.database.columns import ENCRYPTED, Json, UtcDateTime, Uuid, metadata

OPTED_OUT = text("opted_out_at IS NOT NULL")

sms_channel = Table(
    "sms_channel",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("integration_id", Integer, nullable=False),
    Column("account_sid", String(34), nullable=False),
    Column("number", String(20), nullable=False),  # E.164
    Column("number_sid", String(34), nullable=False),
    Column("name", String(100), nullable=False),
    # Twilio has been told where to post messages to the number, or why that did not work.
    Column("is_routed", Boolean, nullable=False),
    Column("problem", String(300)),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "integration_id"], ["integration.project_id", "integration.id"], ondelete="CASCADE"
    ),
    UniqueConstraint("project_id", "number"),
    Index("ix_sms_channel_outside", "account_sid", "number"),
    Index(None, "project_id", "integration_id"),
    Index(None, "created_by"),
)

# A customer's number that has written to one of ours. It outlives the channel: who has opted out stays so.
sms_contact = Table(
    "sms_contact",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("own_number", String(20), nullable=False),
    Column("number", String(20), nullable=False),
    Column("ticket_id", Uuid),  # the ticket that their next message continues; it may be gone
    Column("opted_out_at", UtcDateTime),
    Column(
        "opted_out_by", String(10)
    ),  # customer; twilio, which had the word before us; earlier: before an erasure
    # False once they have begun messages again at another of our numbers: this one alone stays stopped.
    Column("stops_all", Boolean, nullable=False, server_default=true()),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "own_number", "number"),
    Index("ix_sms_contact_number", "project_id", "number"),
    Index(
        "ix_sms_contact_opted_out",
        "project_id",
        "opted_out_at",
        sqlite_where=OPTED_OUT,
        postgresql_where=OPTED_OUT,
    ),
)

# Erased people who had said STOP: a keyed hash of the number, which is taken back as soon as the number is known again.
sms_suppression = Table(
    "sms_suppression",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("stopped_at", UtcDateTime, nullable=False),
)

# The keys of these hashes, which outlive the server's own; a new one is made where none can be read.
sms_suppression_key = Table(
    "sms_suppression_key",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("sealed_key", Text, nullable=False, info=ENCRYPTED),
)

# Whom the answers on a ticket are for.
sms_thread = Table(
    "sms_thread",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    Column("contact_id", Uuid, nullable=False),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["project_id", "contact_id"], ["sms_contact.project_id", "sms_contact.id"], ondelete="CASCADE"
    ),
    Index(None, "project_id", "contact_id"),
)

# Digests of the ids of messages that may end a STOP. They are kept for good, also after an erasure: what Twilio has signed
# stays signed, and the same START must not end a later STOP.
sms_start = Table(
    "sms_start",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(80), primary_key=True),
)

# Messages that came in, so that each counts once; words and files are here only until they are on a ticket.
sms_inbound = Table(
    "sms_inbound",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("sid", String(34), primary_key=True),
    Column("contact_id", Uuid, nullable=False),
    Column("channel_id", Uuid, nullable=False),
    Column("body", Text, nullable=False),
    Column("media", Json, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "contact_id"], ["sms_contact.project_id", "sms_contact.id"], ondelete="CASCADE"
    ),
    Index(None, "project_id", "contact_id"),
    Index("ix_sms_inbound_old", "received_at"),
)
