"""What quick actions set waits with the draft or the held reply until it is sent"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message_draft", sa.Column("actions", Json))
    op.add_column("held_reply", sa.Column("actions", Json))
