"""The ledger of inbound mail."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

IS_KEPT_RAW = text("raw_key IS NOT NULL")
ON_TICKET = text("ticket_id IS NOT NULL")
HAS_ID = text("message_id_digest IS NOT NULL")

inbound_message = Table(
    "inbound_message",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),  # sorted by when it came in
    Column("channel_id", Uuid, nullable=False),  # it may be gone by now
    Column("source", String(10), nullable=False),  # webhook, smtp, imap, test
    Column("is_backfill", Boolean, nullable=False),
    Column("envelope_from", String(320)),
    Column("recipient", String(320), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    # How often the same mail was delivered, such as by a server that did not hear our answer.
    Column("deliveries", Integer, nullable=False),
    Column("delivery_digest", String(64), nullable=False),
    Column("raw_key", String(100)),  # None once the raw mail is deleted
    Column("raw_sha256", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("message_id", Text),
    Column("message_id_digest", String(64)),
    Column("subject", String(500), nullable=False),
    Column("from_address", String(320), nullable=False),  # in its normal form, empty where there is none
    Column("state", String(10), nullable=False),  # `rules.states.State`
    Column("reason", String(40)),
    Column("detail", Text),
    Column("ticket_id", Uuid),
    Column("ticket_number", Integer),
    Column("comment_id", Uuid),
    Column("attempts", Integer, nullable=False),
    Column("processed_at", UtcDateTime),
    Column("authentication", Json),
    Column("is_authenticated", Boolean),  # None until it is interpreted
    UniqueConstraint("project_id", "channel_id", "delivery_digest"),
    Index("ix_inbound_message_state", "project_id", "state", "id"),
    Index("ix_inbound_message_from", "project_id", "from_address", "id"),
    Index(
        "ix_inbound_message_message_id",
        "project_id",
        "message_id_digest",
        sqlite_where=HAS_ID,
        postgresql_where=HAS_ID,
    ),
    Index(
        "ix_inbound_message_ticket",
        "project_id",
        "ticket_id",
        sqlite_where=ON_TICKET,
        postgresql_where=ON_TICKET,
    ),
    Index(
        "ix_inbound_message_raw",
        "project_id",
        "processed_at",
        sqlite_where=IS_KEPT_RAW,
        postgresql_where=IS_KEPT_RAW,
    ),
)
