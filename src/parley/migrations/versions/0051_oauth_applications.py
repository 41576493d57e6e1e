"""OAuth applications"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oauth_application",
        sa.Column("id", sa.String(50), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("redirect_uris", Json, nullable=False),
        sa.Column("auth_method", sa.String(30), nullable=False),
        sa.Column("secret_hash", sa.String(80)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_oauth_application_expires_at", "oauth_application", ["expires_at"])
    op.create_table(
        "oauth_grant",
        sa.Column("id", sa.String(50), primary_key=True),
        sa.Column(
            "application_id",
            sa.String(50),
            sa.ForeignKey("oauth_application.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "user_id", sa.Integer, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("scoped_teams", Json, nullable=False),
        sa.Column("scoped_organizations", Json, nullable=False),
        sa.Column("covered_organizations", Json, nullable=False),
        sa.Column("redirect_uri", sa.String(300), nullable=False),
        sa.Column("code_hash", sa.String(80), nullable=False, unique=True),
        sa.Column("code_challenge", sa.String(128), nullable=False),
        sa.Column("code_used_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("last_used_at", UtcDateTime),
    )
    for name in ("application_id", "user_id", "expires_at"):
        op.create_index(f"ix_oauth_grant_{name}", "oauth_grant", [name])
    op.create_table(
        "oauth_token",
        sa.Column("token_hash", sa.String(80), primary_key=True),
        sa.Column(
            "grant_id", sa.String(50), sa.ForeignKey("oauth_grant.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime),
    )
    for name in ("grant_id", "expires_at"):
        op.create_index(f"ix_oauth_token_{name}", "oauth_token", [name])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
