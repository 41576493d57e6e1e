"""indexes for leases of background work, and for webhooks in order"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    held = sa.text("holder IS NOT NULL")
    op.create_index("ix_outbox_held", "outbox", ["holder"], sqlite_where=held, postgresql_where=held)
    pending = sa.text("state = 'pending'")
    op.create_index(
        "ix_webhook_delivery_order",
        "webhook_delivery",
        ["project_id", "endpoint_id", "id"],
        sqlite_where=pending,
        postgresql_where=pending,
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
