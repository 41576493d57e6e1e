"""digests of first messages"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_message_digest",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("mailed_at", UtcDateTime(), nullable=True),
        sa.Column("is_planned", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_first_message_digest_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_first_message_digest")),
    )
    op.create_table(
        "first_message_notice",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "ticket_id"],
            ["ticket.project_id", "ticket.id"],
            name=op.f("fk_first_message_notice_project_id_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "ticket_id", name=op.f("pk_first_message_notice")),
    )


def downgrade() -> None:
    op.drop_table("first_message_notice")
    op.drop_table("first_message_digest")
