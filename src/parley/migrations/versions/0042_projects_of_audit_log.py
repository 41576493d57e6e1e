"""In which project something happened that the audit log tells of"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("in_project_id", sa.Integer))
    op.add_column(
        "audit_entry", sa.Column("in_project_name", sa.String(300), nullable=False, server_default="")
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
