"""The table of addresses."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from parley.kernel.database.columns import UtcDateTime, metadata

# Addresses of which something is known that counts for the next mail.
outbound_address = Table(
    "outbound_address",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("address", String(254), primary_key=True),
    Column("hard_bounces", Integer, nullable=False, default=0),  # in a row
    Column("last_bounce", String(600)),
    Column("closed_at", UtcDateTime),  # since when nothing is sent there, after bounces
    Column("unsubscribed_at", UtcDateTime),
)
