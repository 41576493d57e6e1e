"""How many entries of the audit log have each text"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

COUNTED = """
UPDATE audit_search_text SET n_entries = (
    SELECT count(*) FROM audit_entry WHERE audit_entry.organization_id = audit_search_text.organization_id
    AND audit_entry.search_id = audit_search_text.id)
"""


def upgrade() -> None:
    count = sa.Column("n_entries", sa.Integer, nullable=False, server_default=sa.text("0"))
    op.add_column("audit_search_text", count)
    op.execute(COUNTED)


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
