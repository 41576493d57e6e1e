"""Tables of conversions for LinkedIn."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

MAX_TRIGGER, MAX_VALUE, MAX_NUMBER, MAX_ERROR = 40, 200, 19, 500
PENDING = text("state = 'pending'")

linkedin_conversion_rule = Table(
    "linkedin_conversion_rule",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("integration_id", Integer, nullable=False),
    Column("ad_account_id", String(MAX_NUMBER), nullable=False),
    Column("conversion_rule_id", String(MAX_NUMBER), nullable=False),  # LinkedIn's
    Column("trigger", String(MAX_TRIGGER), nullable=False),
    Column("trigger_value", String(MAX_VALUE), nullable=False),  # a status, a tag or an event; empty for none
    Column("amount", String(20)),  # a decimal number, of the currency
    Column("currency", String(3)),
    Column("enabled", Boolean, nullable=False),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("looked_until", UtcDateTime, nullable=False),  # what happened before has its conversions
    ForeignKeyConstraint(
        ["project_id", "integration_id"], ["integration.project_id", "integration.id"], ondelete="CASCADE"
    ),
    Index("ix_linkedin_conversion_rule_integration", "project_id", "integration_id"),
    Index("ix_linkedin_conversion_rule_created_by", "created_by"),
)

linkedin_conversion = Table(
    "linkedin_conversion",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("rule_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),  # what happened; LinkedIn counts it once
    Column("ticket_id", Uuid),
    Column("happened_at", UtcDateTime, nullable=False),
    Column("email_hash", String(64)),  # SHA-256 of the address, until it is sent or given up
    Column("state", String(10), nullable=False),  # pending, sent, failed, skipped
    Column("attempts", Integer, nullable=False),
    Column("last_error", String(MAX_ERROR)),
    Column("next_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    ForeignKeyConstraint(
        ["project_id", "rule_id"],
        ["linkedin_conversion_rule.project_id", "linkedin_conversion_rule.id"],
        ondelete="CASCADE",
    ),
    UniqueConstraint("project_id", "rule_id", "event_id"),
    Index("ix_linkedin_conversion_log", "project_id", "rule_id", "id"),
    Index("ix_linkedin_conversion_age", "created_at"),
    Index("ix_linkedin_conversion_due", "next_at", sqlite_where=PENDING, postgresql_where=PENDING),
)
