"""When the team first answered a ticket"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# Of tickets from before, so that the next answer on them isn't taken for the first.
ANSWERED = """
UPDATE ticket SET first_response_at = (
    SELECT min(comment.created_at) FROM comment
    WHERE comment.project_id = ticket.project_id AND comment.ticket_id = ticket.id
    AND comment.scope = 'conversations_ticket' AND NOT comment.is_private
    AND comment.author_type NOT IN ('customer', 'AI')
) WHERE message_count > 0
"""


def upgrade() -> None:
    op.add_column("ticket", sa.Column("first_response_at", UtcDateTime))
    op.execute(ANSWERED)


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
