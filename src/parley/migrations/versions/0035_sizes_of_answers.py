"""The sizes of kept answers, and insights by their number alone"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # For half a day 0028 made both by itself: a database of that time has them.
    found = sa.inspect(op.get_bind())
    if "n_bytes" not in {column["name"] for column in found.get_columns("insight_result")}:
        op.add_column("insight_result", sa.Column("n_bytes", sa.Integer))
    if "ix_insight_id" not in {index["name"] for index in found.get_indexes("insight")}:
        op.create_index("ix_insight_id", "insight", ["id"])
    # Answers without a size would count for nothing where several are shown; they are computed anew.
    op.execute("DELETE FROM insight_result WHERE n_bytes IS NULL")


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
