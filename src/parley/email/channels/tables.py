"""Tables of e-mail channels."""

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
    false,
)

from parley.kernel.database.columns import ENCRYPTED, Json, UtcDateTime, Uuid, metadata

# A domain from which a project writes: its addresses share one key and one proof.
email_domain = Table(
    "email_domain",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(253), primary_key=True),  # in ASCII, as the DNS knows it
    Column("dkim_selector", String(63), nullable=False),
    Column("dkim_private_key", Text, nullable=False, info=ENCRYPTED),  # PKCS #8 in PEM, encrypted
    Column("dkim_public_key", Text, nullable=False),  # the `p=` of its record, in base64
    # Since when the records prove that the domain is the project's; since when they don't any more.
    Column("verified_at", UtcDateTime),
    Column("failing_since", UtcDateTime),
    Column("checked_at", UtcDateTime),
    Column("findings", Json),  # what the last look at the DNS found
    # It can't exist, so nothing is looked up or sent. It stays when its channels are gone: their tickets stay, too.
    Column("is_test", Boolean, nullable=False, default=False, server_default=false()),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "checked_at"),
)

email_channel = Table(
    "email_channel",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", String(30), nullable=False),  # support, customer_communication
    Column("owner_id", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("from_email", String(254), nullable=False),
    Column("from_name", String(200), nullable=False),
    Column("domain", String(253), nullable=False),
    Column("inbound_token", String(32), nullable=False),  # of the forwarding address, 128 random bits
    Column("is_default", Boolean, nullable=False),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "from_email"),
    ForeignKeyConstraint(
        ["project_id", "domain"], ["email_domain.project_id", "email_domain.name"], ondelete="CASCADE"
    ),
    Index(None, "inbound_token"),
    Index(None, "from_email"),
    Index(None, "project_id", "domain"),
)
