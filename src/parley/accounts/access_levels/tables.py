"""Tables of access levels."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Uuid

from parley.kernel.database.columns import UtcDateTime, metadata

access_control = Table(
    "access_control",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("resource", String(32), nullable=False),  # `ticket`
    Column("resource_id", Uuid),  # one of them; None: all of them
    Column("access_level", String(16), nullable=False),  # none, viewer, editor, manager
    # For whom: one member, one role or, where both are None, everybody.
    Column("membership_id", Uuid, ForeignKey("membership.id", ondelete="CASCADE"), index=True),
    Column("role_id", Uuid, ForeignKey("role.id", ondelete="CASCADE"), index=True),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_access_control_resource", "project_id", "resource", "resource_id"),
)
