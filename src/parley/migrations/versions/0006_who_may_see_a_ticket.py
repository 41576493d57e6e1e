"""who may see a ticket (docs/widget.md)"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ADDRESSED = sa.text("claim_email IS NOT NULL")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("claim_email", sa.String(length=254), nullable=True))
    op.add_column(
        "ticket",
        sa.Column("closed_to_sessions", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index(
        "ix_ticket_claim_email",
        "ticket",
        ["project_id", "claim_email"],
        unique=False,
        sqlite_where=ADDRESSED,
        postgresql_where=ADDRESSED,
    )
    # Where a verified participant has written already, the requester's bare session must not read on.
    op.execute("""
        UPDATE ticket SET closed_to_sessions = true
        WHERE identity_verified = false
          AND EXISTS (SELECT 1 FROM ticket_participant
                      WHERE ticket_participant.project_id = ticket.project_id
                        AND ticket_participant.ticket_id = ticket.id)
          AND EXISTS (SELECT 1 FROM comment
                      WHERE comment.project_id = ticket.project_id AND comment.ticket_id = ticket.id
                        AND comment.author_type = 'customer'
                        AND comment.item_context ->> 'participant_id' IS NOT NULL)""")


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
