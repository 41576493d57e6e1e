"""conversations that were begun a moment ago"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime, Uuid

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "composed_ticket",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", Uuid()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_composed_ticket_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "ticket_id"],
            ["ticket.project_id", "ticket.id"],
            name=op.f("fk_composed_ticket_project_id_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "digest", name=op.f("pk_composed_ticket")),
    )
    op.create_index("ix_composed_ticket_ticket", "composed_ticket", ["project_id", "ticket_id"])
    op.create_index("ix_composed_ticket_created", "composed_ticket", ["created_at"])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
