"""what keys cover, and tokens that are in mails alone"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invite", sa.Column("mail_token_hash", sa.String(length=80), nullable=True))
    op.create_index("ix_invite_mail_token_hash", "invite", ["mail_token_hash"], unique=True)
    op.add_column("personal_api_key", sa.Column("covered_organizations", Json, nullable=True))
    # So far the link that an inviter had seen verified an address, too: of those whose first organization had members
    # before them nobody can tell who has proved theirs.
    op.execute("""
        UPDATE user_account SET is_email_verified = false WHERE is_email_verified AND EXISTS (
            SELECT 1 FROM membership AS mine WHERE mine.user_id = user_account.id
            AND NOT EXISTS (SELECT 1 FROM membership AS earlier
                WHERE earlier.user_id = mine.user_id AND earlier.joined_at < mine.joined_at)
            AND EXISTS (SELECT 1 FROM membership AS other
                WHERE other.organization_id = mine.organization_id AND other.joined_at < mine.joined_at))""")


def downgrade() -> None:
    with op.batch_alter_table("personal_api_key") as table:
        table.drop_column("covered_organizations")
    op.drop_index("ix_invite_mail_token_hash", "invite")
    with op.batch_alter_table("invite") as table:
        table.drop_column("mail_token_hash")
