"""The table of mailboxes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from parley.kernel.database.columns import ENCRYPTED, UtcDateTime, Uuid, metadata

imap_mailbox = Table(
    "imap_mailbox",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", Uuid, primary_key=True),
    Column("host", String(253), nullable=False),
    Column("port", Integer, nullable=False),
    Column("security", String(10), nullable=False),  # tls, starttls, none
    Column("username", String(320), nullable=False),
    Column("password", Text, nullable=False, info=ENCRYPTED),  # encrypted
    Column("folder", String(500), nullable=False),
    Column("is_importing", Boolean, nullable=False),  # is what lay there before wanted, too
    # Each change counts up, so that whoever still fetches with the old settings stops.
    Column("generation", Integer, nullable=False),
    # How far the folder was read: nothing at or below `last_uid` is fetched again while its uid validity is the same.
    # What was there at the first connection ends at `backfill_uid`.
    Column("uid_validity", BigInteger),
    Column("last_uid", BigInteger),
    Column("backfill_uid", BigInteger),
    Column("first_connected_at", UtcDateTime),
    Column("connected_at", UtcDateTime),
    Column("fetched_at", UtcDateTime),
    Column("seen_at", UtcDateTime, nullable=False),  # when somebody last took care of it
    Column("failure_count", Integer, nullable=False),
    Column("last_error", String(500)),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "channel_id"], ["email_channel.project_id", "email_channel.id"], ondelete="CASCADE"
    ),
    Index(None, "seen_at"),
)
