"""members are told of assignments and mentions, too"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime, Uuid

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_account", sa.Column("notification_settings", Json))
    op.create_table(
        "notification",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject_id", Uuid(), nullable=False),
        sa.Column("ticket_id", Uuid(), nullable=False),
        sa.Column("comment_id", Uuid()),
        sa.Column("actor_id", sa.Integer()),
        sa.Column("role_id", Uuid()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _reference("notification", ["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"]),
        _reference("notification", ["user_id"], ["user_account.id"]),
        _reference("notification", ["actor_id"], ["user_account.id"], "SET NULL"),
        sa.PrimaryKeyConstraint("project_id", "user_id", "kind", "subject_id", name=op.f("pk_notification")),
    )
    op.create_index("ix_notification_ticket", "notification", ["project_id", "ticket_id"])
    op.create_table(
        "notification_digest",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("mailed_at", UtcDateTime()),
        sa.Column("planned_for", UtcDateTime()),
        _reference("notification_digest", ["project_id"], ["project.id"]),
        _reference("notification_digest", ["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_notification_digest")),
    )


def _reference(
    table: str, columns: list[str], to: list[str], ondelete: str = "CASCADE"
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{'_'.join(columns)}")
    return sa.ForeignKeyConstraint(columns, to, name=name, ondelete=ondelete)


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
