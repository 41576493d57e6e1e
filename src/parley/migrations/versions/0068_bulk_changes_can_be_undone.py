"""Bulk changes can be undone"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_change",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("chosen", Json, nullable=False),
        sa.Column("n_skipped", sa.Integer, nullable=False),
        sa.Column("changed", Json, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("undone_at", UtcDateTime),
        sa.Column("kept_numbers", Json, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_bulk_change"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_bulk_change_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_bulk_change_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_bulk_change_created_at", "bulk_change", ["created_at"])
