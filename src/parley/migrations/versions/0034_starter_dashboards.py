"""Starter dashboards"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "starter_dashboard",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("dashboard_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "dashboard_id"],
            ["dashboard.project_id", "dashboard.id"],
            name="fk_starter_dashboard_dashboard",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_starter_dashboard_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "name", name=op.f("pk_starter_dashboard")),
    )
    with op.batch_alter_table("starter_dashboard", schema=None) as batch_op:
        batch_op.create_index("ix_starter_dashboard_dashboard", ["project_id", "dashboard_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("starter_dashboard", schema=None) as batch_op:
        batch_op.drop_index("ix_starter_dashboard_dashboard")

    op.drop_table("starter_dashboard")
