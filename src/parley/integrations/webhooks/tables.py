"""Tables of webhooks."""

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
    text,
)

from parley.kernel.database.columns import (
    Json,
    UtcDateTime,
    Uuid,
    metadata,
)

PENDING = text("state = 'pending'")
FAILED = text("state = 'failed'")
TELLS_OF_TICKET = text("ticket_id IS NOT NULL")

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("url", String(2000), nullable=False),
    Column("description", String(500), nullable=False),
    Column("events", Json, nullable=False),  # names of events, or `*`
    Column("enabled", Boolean, nullable=False),
    Column("disabled_reason", String(500)),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # The circuit breaker: failures since the last success, and until when nothing is sent.
    Column("failure_count", Integer, nullable=False, default=0),
    Column("paused_until", UtcDateTime),
    Column("last_success_at", UtcDateTime),
    Column("last_failure_at", UtcDateTime),
    # The queue: since when work is asked for at once, when the next planned one is due, and which one is sending at
    # the moment, until when at most.
    Column("called_at", UtcDateTime),
    Column("wake_at", UtcDateTime),
    Column("busy_by", Uuid),
    Column("busy_until", UtcDateTime),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("event", String(200), nullable=False),
    Column("event_id", Uuid, nullable=False),  # the `webhook-id`: the same at every attempt and replay
    Column("ticket_id", Uuid),  # of which it tells, if of any
    Column("payload", Text, nullable=False),  # the text that is signed and sent, the same at every attempt
    Column("state", String(10), nullable=False),  # pending, delivered, failed
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_status", Integer),
    Column("last_error", String(500)),
    Column("response_excerpt", Text),
    Column("next_at", UtcDateTime),
    Column("replay_of", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    ForeignKeyConstraint(
        ["project_id", "endpoint_id"],
        ["webhook_endpoint.project_id", "webhook_endpoint.id"],
        ondelete="CASCADE",
    ),
    Index("ix_webhook_delivery_log", "project_id", "endpoint_id", "id"),
    Index(
        "ix_webhook_delivery_due",
        "project_id",
        "endpoint_id",
        "next_at",
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    ),
    # The same in the order in which things happened.
    Index(
        "ix_webhook_delivery_order",
        "project_id",
        "endpoint_id",
        "id",
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    ),
    Index(
        "ix_webhook_delivery_failed",
        "project_id",
        "endpoint_id",
        "id",
        sqlite_where=FAILED,
        postgresql_where=FAILED,
    ),
    Index("ix_webhook_delivery_waiting", "created_at", sqlite_where=PENDING, postgresql_where=PENDING),
    Index("ix_webhook_delivery_age", "created_at"),
    # What was sent about somebody's tickets: found when they are to be forgotten.
    Index(
        "ix_webhook_delivery_ticket",
        "project_id",
        "ticket_id",
        sqlite_where=TELLS_OF_TICKET,
        postgresql_where=TELLS_OF_TICKET,
    ),
)
