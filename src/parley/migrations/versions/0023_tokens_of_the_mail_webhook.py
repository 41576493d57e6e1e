"""tokens of the mail webhook"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_webhook_token",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("delivery_digest", sa.String(length=64), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mail_webhook_token")),
    )
    op.create_index(op.f("ix_mail_webhook_token_taken_at"), "mail_webhook_token", ["taken_at"], unique=False)


def downgrade() -> None:
    op.drop_table("mail_webhook_token")
