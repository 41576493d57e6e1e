"""which change was the last (docs/stream.md)"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("change_head", sa.Column("last_change_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
