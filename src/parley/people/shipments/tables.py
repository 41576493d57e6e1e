"""Tables of shipments."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

# One row for each stored batch, not for each event: capture writes one more row at a request.
shipment = Table(
    "shipment",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    # Version 7, so shipments leave in the order in which they were noted.
    Column("id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("keys", Json, nullable=False),
    Column("n_keys", Integer, nullable=False),
    Column("n_bytes", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_shipment_id", "id"),
)

# What was stored before the setting was on is noted project by project, in pieces; the row says how far that is.
shipped_project = Table(
    "shipped_project",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("after", Json, nullable=False),
    Column("is_complete", Boolean, nullable=False),
)

# One row. Who reads persons for a shipment, or deletes some, counts `version` up first and so waits for others: a higher
# version is always the later state.
shipping = Table(
    "shipping",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("last_error", String(500)),
)
