"""The tables of deliveries."""

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

from parley.kernel.database.columns import ENCRYPTED, Json, UtcDateTime, Uuid, metadata

STARTING = text("status = 'starting'")

subscription_delivery = Table(
    "subscription_delivery",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("subscription_id", Integer, nullable=False),
    Column("idempotency_key", String(60), nullable=False),  # one for each occurrence
    Column("trigger_type", String(20), nullable=False),
    Column("scheduled_at", UtcDateTime),  # the occurrence
    Column("target_type", String(10), nullable=False),
    Column("target_value", Text, nullable=False),
    Column("target_url", Text, info=ENCRYPTED),  # encrypted
    Column("integration_id", Integer),
    Column("content_snapshot", Json),
    Column("is_letter_stored", Boolean, nullable=False),  # in the storage, under the id of the delivery
    Column("status", String(10), nullable=False),  # starting, completed, failed, skipped
    Column("error", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_updated_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    ForeignKeyConstraint(
        ["project_id", "subscription_id"],
        ["subscription.project_id", "subscription.id"],
        name="fk_subscription_delivery_subscription",
        ondelete="CASCADE",
    ),
    UniqueConstraint("project_id", "subscription_id", "idempotency_key", name="uq_subscription_delivery_key"),
    Index("ix_subscription_delivery_log", "project_id", "subscription_id", "id"),
    Index("ix_subscription_delivery_age", "created_at"),
    Index("ix_subscription_delivery_open", "created_at", sqlite_where=STARTING, postgresql_where=STARTING),
)

subscription_recipient = Table(
    "subscription_recipient",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("delivery_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("recipient", Text, nullable=False),
    Column("status", String(10), nullable=False),  # pending, success, failed
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("updated_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "delivery_id"],
        ["subscription_delivery.project_id", "subscription_delivery.id"],
        name="fk_subscription_recipient_delivery",
        ondelete="CASCADE",
    ),
)
