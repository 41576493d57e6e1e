"""The table of subscriptions."""

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

from parley.kernel.database.columns import ENCRYPTED, Json, UtcDateTime, metadata

MAX_TITLE = 100
LIVE = text("enabled AND NOT deleted")
IS_LIVE = text("subscription.enabled AND NOT subscription.deleted")
"""The same where other tables are joined."""

subscription = Table(
    "subscription",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("insight_id", Integer),
    Column("dashboard_id", Integer),
    Column("dashboard_export_insights", Json),  # ids; null: the first ones
    Column("dashboard_export_all", Boolean, nullable=False),
    Column("title", String(MAX_TITLE)),
    Column("target_type", String(10), nullable=False),
    Column("target_value", Text, nullable=False),  # addresses with commas, or a URL without its secrets
    # Addresses whose people wanted no more.
    Column("unsubscribed", Json, nullable=False, server_default=text("'[]'")),
    Column("target_url", Text, info=ENCRYPTED),  # the whole URL, encrypted
    # The Slack workspace of a channel; no foreign key, since its deliveries fail with a sentence once it is disconnected.
    Column("integration_id", Integer),
    Column("frequency", String(10), nullable=False),
    Column("interval", Integer, nullable=False),
    Column("byweekday", Json),
    Column("bysetpos", Integer),
    Column("count", Integer),
    Column("start_date", UtcDateTime, nullable=False),
    Column("until_date", UtcDateTime),
    Column("skip_if_empty", Boolean, nullable=False),
    Column("attachments", Json, nullable=False),  # formats of files, such as csv
    Column("enabled", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    # Since when the schedule counts as it is now, and the next occurrence that no delivery was begun for.
    Column("counts_from", UtcDateTime, nullable=False),
    Column("next_delivery_date", UtcDateTime),
    Column("failure_count", Integer, nullable=False),  # of deliveries in a row
    Column("last_error", Text),
    Column("last_failed_at", UtcDateTime),
    Column("last_delivered_at", UtcDateTime),
    Column("disabled_reason", Text),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "insight_id"],
        ["insight.project_id", "insight.id"],
        name="fk_subscription_insight",
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(
        ["project_id", "dashboard_id"],
        ["dashboard.project_id", "dashboard.id"],
        name="fk_subscription_dashboard",
        ondelete="CASCADE",
    ),
    Index("ix_subscription_created", "project_id", "deleted", "created_at", "id"),
    Index("ix_subscription_insight", "project_id", "insight_id"),
    Index("ix_subscription_dashboard", "project_id", "dashboard_id"),
    Index("ix_subscription_created_by", "created_by"),
    Index("ix_subscription_due", "next_delivery_date", sqlite_where=LIVE, postgresql_where=LIVE),
)
