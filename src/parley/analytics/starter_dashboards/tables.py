"""The table of starter dashboards."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table

from parley.kernel.database.columns import UtcDateTime, metadata

starter_dashboard = Table(
    "starter_dashboard",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(20), primary_key=True),  # of the starter, whatever people call the dashboard
    Column("dashboard_id", Integer),  # none only while it is being made
    Column("made_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "dashboard_id"],
        ["dashboard.project_id", "dashboard.id"],
        name="fk_starter_dashboard_dashboard",
        ondelete="CASCADE",
    ),
    Index("ix_starter_dashboard_dashboard", "project_id", "dashboard_id"),
)
