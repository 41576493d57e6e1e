"""The tables of roles and of who has them."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, UniqueConstraint

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

MAX_NAME_LENGTH = 200

role = Table(
    "role",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(MAX_NAME_LENGTH), nullable=False),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("organization_id", "name"),
)

role_membership = Table(
    "role_membership",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("role_id", Uuid, ForeignKey("role.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("role_id", "user_id"),
)
