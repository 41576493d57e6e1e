"""Sections of the inbox are counted by indexes of what waits"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

FREE = sa.text(
    "assignee_user_id IS NULL AND assignee_role_id IS NULL AND snoozed_until IS NULL AND status <> 'resolved' "
    "AND deleted_at IS NULL"
)
OWED = sa.text("sla_due_at IS NOT NULL AND status <> 'resolved' AND deleted_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_ticket_free",
        "ticket",
        ["project_id", "assignee_user_id", "assignee_role_id", "id"],
        sqlite_where=FREE,
        postgresql_where=FREE,
    )
    op.create_index(
        "ix_ticket_owed",
        "ticket",
        ["project_id", "sla_due_at", "id"],
        sqlite_where=OWED,
        postgresql_where=OWED,
    )
