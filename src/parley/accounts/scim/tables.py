"""The tables of SCIM: what identity providers call people and groups, and what they have asked."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from parley.accounts.scim_messages.rules.values import MAX_EXTERNAL_ID_LENGTH, MAX_TYPE_LENGTH
from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata
from parley.kernel.network.emails import MAX_EMAIL_LENGTH

scim_user = Table(
    "scim_user",
    metadata,
    Column("domain_id", Uuid, ForeignKey("organization_domain.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "user_id",
        Integer,
        ForeignKey("user_account.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    Column("user_name", String(MAX_EMAIL_LENGTH)),  # null where the address stands for it
    Column("folded_user_name", Text),
    Column("external_id", String(MAX_EXTERNAL_ID_LENGTH)),
    Column("email_type", String(MAX_TYPE_LENGTH)),
    Column("email_is_primary", Boolean),
    Column("is_active", Boolean),  # as the identity provider has said; a membership decides
    Column("provisioned_at", UtcDateTime, nullable=False),
    UniqueConstraint("domain_id", "folded_user_name"),
    Index("ix_scim_user_domain_id_external_id", "domain_id", "external_id"),
    # People without a membership are few; a list has them beside the members.
    Index(
        "ix_scim_user_inactive",
        "domain_id",
        "user_id",
        sqlite_where=text("is_active IS NOT 1"),
        postgresql_where=text("is_active IS NOT true"),
    ),
)

scim_group = Table(
    "scim_group",
    metadata,
    Column("domain_id", Uuid, ForeignKey("organization_domain.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", Uuid, ForeignKey("role.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("external_id", String(MAX_EXTERNAL_ID_LENGTH)),
)

scim_request = Table(
    "scim_request",
    metadata,
    Column("domain_id", Uuid, ForeignKey("organization_domain.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),  # sorted by time
    Column("request_method", String(8), nullable=False),
    Column("request_path", Text, nullable=False),
    Column("request_headers", Json, nullable=False),
    Column("request_body", Text),
    Column("response_status", SmallInteger, nullable=False),
    Column("response_body", Text),
    Column("identity_provider", String(16), nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)
