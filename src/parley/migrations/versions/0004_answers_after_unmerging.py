"""Customers of a ticket that is separate again go on seeing the answers that were meant for them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ANSWERS = sa.text("answers_ticket_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("comment", sa.Column("answers_ticket_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_comment_answers",
        "comment",
        ["project_id", "answers_ticket_id"],
        sqlite_where=ANSWERS,
        postgresql_where=ANSWERS,
    )


def downgrade() -> None:
    op.drop_index("ix_comment_answers", "comment")
    op.drop_column("comment", "answers_ticket_id")
