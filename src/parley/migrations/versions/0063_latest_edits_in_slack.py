"""When the text of a message in Slack was last changed: edits come in any order"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("slack_message", sa.Column("edited_ts", sa.String(40)))
