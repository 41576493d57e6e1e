"""Drafts have files"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Uuid

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafted_file",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("file_id", Uuid, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("ticket_id", Uuid, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "file_id", name="pk_drafted_file"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_drafted_file_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_drafted_file_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "file_id"],
            ["file.project_id", "file.id"],
            name="fk_drafted_file_project_id_file_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "ticket_id"],
            ["ticket.project_id", "ticket.id"],
            name="fk_drafted_file_project_id_ticket_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_drafted_file_project_id_ticket_id_user_id", "drafted_file", ["project_id", "ticket_id", "user_id"]
    )
