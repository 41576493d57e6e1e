"""a START counts once for good, also after an erasure"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.ids import token_hash

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "sms_start",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "digest", name="pk_sms_start"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_sms_start_project_id", ondelete="CASCADE"
        ),
    )
    note_received()


def note_received() -> None:
    """Note each message that is known: which ones were a START isn't kept."""
    table = sa.table("sms_start", sa.column("project_id"), sa.column("digest"))
    found = op.get_bind().execute(sa.text("SELECT project_id, sid FROM sms_inbound")).all()
    rows = [{"project_id": project_id, "digest": token_hash(sid)} for project_id, sid in found]
    for start in range(0, len(rows), BATCH):
        op.get_bind().execute(sa.insert(table), rows[start : start + BATCH])
