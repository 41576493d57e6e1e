"""E-mail channels and their domains"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "email_domain",
        sa.Column(
            "project_id",
            sa.Integer,
            sa.ForeignKey("project.id", name="fk_email_domain_project_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("name", sa.String(253), primary_key=True),
        sa.Column("dkim_selector", sa.String(63), nullable=False),
        sa.Column("dkim_private_key", sa.Text, nullable=False),
        sa.Column("dkim_public_key", sa.Text, nullable=False),
        sa.Column("verified_at", UtcDateTime),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("checked_at", UtcDateTime),
        sa.Column("findings", Json),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "name", name="pk_email_domain"),
    )
    op.create_index("ix_email_domain_checked_at", "email_domain", ["checked_at"])
    _add_channels()


def _add_channels() -> None:
    op.create_table(
        "email_channel",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("owner_id", sa.Integer),
        sa.Column("from_email", sa.String(254), nullable=False),
        sa.Column("from_name", sa.String(200), nullable=False),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.Column("inbound_token", sa.String(32), nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.Integer),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_email_channel"),
        sa.UniqueConstraint("project_id", "from_email", name="uq_email_channel_project_id_from_email"),
        _reference(["project_id"], ["project.id"], "CASCADE"),
        _reference(["owner_id"], ["user_account.id"], "SET NULL"),
        _reference(["created_by"], ["user_account.id"], "SET NULL"),
        _reference(["project_id", "domain"], ["email_domain.project_id", "email_domain.name"], "CASCADE"),
    )
    for columns in (["inbound_token"], ["from_email"], ["project_id", "domain"]):
        op.create_index(f"ix_email_channel_{'_'.join(columns)}", "email_channel", columns)


def _reference(columns: list[str], targets: list[str], ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_email_channel_{'_'.join(columns)}"
    return sa.ForeignKeyConstraint(columns, targets, name=name, ondelete=ondelete)


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
