"""The tables of integrations."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from parley.kernel.database.columns import ENCRYPTED, Json, UtcDateTime, metadata

MAX_KIND, MAX_OUTSIDE_ID = 40, 255
HAS_TOKEN_TO_REFRESH = text("next_refresh_at IS NOT NULL")

integration = Table(
    "integration",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(MAX_KIND), nullable=False),
    Column("integration_id", String(MAX_OUTSIDE_ID), nullable=False),  # of the account at the service
    Column("config", Json, nullable=False),
    Column("sensitive_config", Json, nullable=False, info=ENCRYPTED),  # each text in it
    Column("errors", String(40), nullable=False),  # empty, or TOKEN_REFRESH_FAILED
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    # When it was connected or its token was renewed, when the token is due, and until when somebody is renewing it.
    Column("refreshed_at", UtcDateTime, nullable=False),
    Column("next_refresh_at", UtcDateTime),
    Column("refreshing_until", UtcDateTime),
    UniqueConstraint("project_id", "kind", "integration_id"),
    Index("ix_integration_created_by", "created_by"),
    Index("ix_integration_outside", "kind", "integration_id"),  # for what a service sends in
    Index(
        "ix_integration_due",
        "next_refresh_at",
        sqlite_where=HAS_TOKEN_TO_REFRESH,
        postgresql_where=HAS_TOKEN_TO_REFRESH,
    ),
)

# Somebody is at the consent page of a service.
integration_request = Table(
    "integration_request",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("state_hash", String(80), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False),
    Column("session_hash", String(80)),  # of the session that may finish it; null for any of the user's
    Column("kind", String(MAX_KIND), nullable=False),
    Column("next_path", String(2000), nullable=False),  # where to go afterwards
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_integration_request_state", "state_hash"),
    Index("ix_integration_request_expires_at", "expires_at"),
    Index("ix_integration_request_user_id", "user_id"),
)
