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
)

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

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
    Column("opted_out_by", String(10)),  # customer, or twilio, which had the word before us
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
