"""Customer journeys"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_journey",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("insight_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(400), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("created_by", sa.Integer),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_customer_journey"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_customer_journey_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name="fk_customer_journey_created_by", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "insight_id"],
            ["insight.project_id", "insight.id"],
            name="fk_customer_journey_project_id_insight_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("project_id", "insight_id", name="uq_customer_journey_project_id_insight_id"),
    )
    op.create_index(
        "ix_customer_journey_order", "customer_journey", ["project_id", "position", "created_at", "id"]
    )
    op.create_index("ix_customer_journey_created_by", "customer_journey", ["created_by"])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
