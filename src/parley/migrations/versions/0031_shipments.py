"""Shipments of events to ClickHouse"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shipment",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("keys", Json, nullable=False),
        sa.Column("n_keys", sa.Integer, nullable=False),
        sa.Column("n_bytes", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_shipment"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_shipment_project_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_shipment_id", "shipment", ["id"])
    op.create_table(
        "shipped_project",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("after", Json, nullable=False),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("project_id", name="pk_shipped_project"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_shipped_project_project_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "shipping",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("last_error", sa.String(500)),
        sa.PrimaryKeyConstraint("name", name="pk_shipping"),
    )
