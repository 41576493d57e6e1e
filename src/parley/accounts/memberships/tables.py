"""The tables of memberships: who is in which organization, and who was."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
)

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

membership = Table(
    "membership",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("level", SmallInteger, nullable=False),  # 1 member, 8 admin, 15 owner
    Column("is_available", Boolean, nullable=False, default=True),  # for work on tickets
    Column("away_until", UtcDateTime),  # when who is not available is so again by itself
    Column("joined_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("organization_id", "user_id"),
)

former_membership = Table(
    "former_membership",
    metadata,
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("ended_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("organization_id", "user_id"),
)
"""Who was a member and isn't any more: a list of people with and without a membership needs no look at each of them."""
