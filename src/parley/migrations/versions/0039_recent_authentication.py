"""When and how somebody signed in, and from where"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("authenticated_at", UtcDateTime))
    op.add_column("session", sa.Column("last_seen_at", UtcDateTime))
    op.add_column(
        "session", sa.Column("method", sa.String(20), nullable=False, server_default=sa.text("'password'"))
    )
    op.add_column(
        "session", sa.Column("address", sa.String(60), nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "session", sa.Column("user_agent", sa.String(300), nullable=False, server_default=sa.text("''"))
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
