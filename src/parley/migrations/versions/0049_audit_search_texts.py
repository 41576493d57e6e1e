"""The texts in which the audit log is searched, each once"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_search_text",
        sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id", ondelete="CASCADE")),
        sa.Column("id", sa.Uuid),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("last_used_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id"),
    )
    # Entries from before have none: nobody may change them.
    op.add_column("audit_entry", sa.Column("search_id", sa.Uuid))
    columns = ["organization_id", "search_id", "created_at", "id"]
    op.create_index("ix_audit_entry_search", "audit_entry", columns)


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
