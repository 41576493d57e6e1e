"""The tables of shares."""

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
)

from parley.analytics.sharing.rules.configurations import MAX_TARGET_ID, SUFFIX_LENGTH
from parley.analytics.sharing.rules.passwords import MAX_NOTE
from parley.kernel.database.columns import ENCRYPTED, Json, UtcDateTime, Uuid, metadata

sharing_configuration = Table(
    "sharing_configuration",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("target_type", String(20), nullable=False),
    Column("target_id", String(MAX_TARGET_ID), nullable=False),
    Column(
        "access_token", Text, nullable=False, info=ENCRYPTED
    ),  # encrypted: who reads a backup can't open the links
    Column("token_hash", String(71), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("settings", Json),
    Column("password_required", Boolean, nullable=False),
    Column("hash_form", String(100), nullable=False),  # algorithm, cost and salt of all passwords
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),  # since then the token is used up
    Column("expires_at", UtcDateTime),  # of a link that was replaced
    Column("link_expires_at", UtcDateTime),  # as somebody has set it
    Index(
        "uq_sharing_configuration_target",
        "project_id",
        "target_type",
        "target_id",
        unique=True,
        sqlite_where=Column("expires_at").is_(None),
        postgresql_where=Column("expires_at").is_(None),
    ),
    Index("ix_sharing_configuration_target", "project_id", "target_type", "target_id"),
    Index("ix_sharing_configuration_token", "token_hash"),
    Index("ix_sharing_configuration_expires", "expires_at"),
)

share_password = Table(
    "share_password",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("configuration_id", Uuid, nullable=False),
    Column("original_id", Integer, nullable=False),  # which one this is a copy of, for another link
    Column("password_hash", String(200), nullable=False),
    Column("note", String(MAX_NOTE), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "configuration_id"],
        ["sharing_configuration.project_id", "sharing_configuration.id"],
        name="fk_share_password_configuration",
        ondelete="CASCADE",
    ),
    Index("ix_share_password_configuration", "project_id", "configuration_id", "is_active", "password_hash"),
    Index("ix_share_password_created_by", "created_by"),
)

share_access = Table(
    "share_access",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("target_type", String(20), nullable=False),
    Column("target_id", String(MAX_TARGET_ID), nullable=False),
    Column("hour_at", UtcDateTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("address", String(50), nullable=False),
    Column("password_id", Integer, nullable=False),  # 0: none
    Column("token_suffix", String(SUFFIX_LENGTH), nullable=False),
    Column("password_note", String(MAX_NOTE), nullable=False),
    Column("access_count", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    UniqueConstraint(
        "project_id",
        "target_type",
        "target_id",
        "hour_at",
        "kind",
        "address",
        "password_id",
        "token_suffix",
        name="uq_share_access_hour",
    ),
    Index("ix_share_access_last", "project_id", "target_type", "target_id", "last_at"),
    Index("ix_share_access_kept", "last_at"),
)
