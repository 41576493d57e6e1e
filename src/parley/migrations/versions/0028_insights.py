"""Insights with their results, and dashboards"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_dashboard()
    _add_insight()
    _add_insight_result()
    _add_insight_run()
    _add_dashboard_tile()


def _add_dashboard() -> None:
    op.create_table(
        "dashboard",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(400)),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("pinned", sa.Boolean, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("creation_mode", sa.String(20), nullable=False),
        sa.Column("filters", Json, nullable=False),
        sa.Column("variables", Json, nullable=False),
        sa.Column("tags", Json, nullable=False),
        sa.Column("restriction_level", sa.Integer, nullable=False),
        sa.Column("created_by", sa.Integer),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name="fk_dashboard_created_by", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_dashboard_project_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_dashboard"),
    )
    op.create_index("ix_dashboard_created", "dashboard", ["project_id", "deleted", "created_at", "id"])
    op.create_index("ix_dashboard_created_by", "dashboard", ["created_by"])


def _add_insight() -> None:
    op.create_table(
        "insight",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("short_id", sa.String(12), nullable=False),
        sa.Column("name", sa.String(400)),
        sa.Column("derived_name", sa.String(400)),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("query", sa.Text),
        sa.Column("kind", sa.String(40)),
        sa.Column("saved", sa.Boolean, nullable=False),
        sa.Column("favorited", sa.Boolean, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("tags", Json, nullable=False),
        sa.Column("created_by", sa.Integer),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("last_modified_by", sa.Integer),
        sa.Column("last_modified_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name="fk_insight_created_by", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["last_modified_by"], ["user_account.id"], name="fk_insight_last_modified_by", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_insight_project_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_insight"),
        sa.UniqueConstraint("project_id", "short_id", name="uq_insight_project_id_short_id"),
    )
    op.create_index("ix_insight_created_by", "insight", ["created_by"])
    op.create_index("ix_insight_last_modified_by", "insight", ["last_modified_by"])
    op.create_index("ix_insight_modified", "insight", ["project_id", "deleted", "last_modified_at", "id"])


def _add_insight_result() -> None:
    op.create_table(
        "insight_result",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("results", sa.Text),
        sa.Column("facts", Json),
        sa.Column("computed_at", UtcDateTime),
        sa.Column("failure", Json),
        sa.Column("failed_at", UtcDateTime),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("holder", sa.Uuid),
        sa.Column("kept_until", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_insight_result_project_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "digest", name="pk_insight_result"),
    )
    op.create_index("ix_insight_result_kept", "insight_result", ["kept_until"])


def _add_insight_run() -> None:
    op.create_table(
        "insight_run",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("insight_id", sa.Integer),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("failure", Json),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_insight_run_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_insight_run_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_insight_run"),
    )
    op.create_index("ix_insight_run_started", "insight_run", ["started_at"])
    op.create_index("ix_insight_run_user_id", "insight_run", ["user_id"])


def _add_dashboard_tile() -> None:
    op.create_table(
        "dashboard_tile",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("dashboard_id", sa.Integer, nullable=False),
        sa.Column("insight_id", sa.Integer),
        sa.Column("text", Json),
        sa.Column("layouts", Json, nullable=False),
        sa.Column("color", sa.String(400)),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "dashboard_id"],
            ["dashboard.project_id", "dashboard.id"],
            name="fk_dashboard_tile_dashboard",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "insight_id"],
            ["insight.project_id", "insight.id"],
            name="fk_dashboard_tile_insight",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_dashboard_tile_project_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_dashboard_tile"),
        sa.UniqueConstraint("project_id", "dashboard_id", "insight_id", name="uq_dashboard_tile_insight"),
    )
    op.create_index("ix_dashboard_tile_insight", "dashboard_tile", ["project_id", "insight_id"])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
