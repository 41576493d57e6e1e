"""Who wanted no more of a subscription"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # For an hour 0032 made it by itself: a database of that time has it.
    found = sa.inspect(op.get_bind())
    if "unsubscribed" not in {column["name"] for column in found.get_columns("subscription")}:
        op.add_column(
            "subscription", sa.Column("unsubscribed", Json, nullable=False, server_default=sa.text("'[]'"))
        )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
