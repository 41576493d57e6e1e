"""The tables of the audit log. A trigger refuses every UPDATE, and each DELETE that no entry has announced."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

MAX_ACTION, MAX_TYPE, MAX_ID, MAX_NAME, MAX_EMAIL, MAX_ADDRESS, MAX_AGENT = 64, 40, 200, 300, 254, 64, 300

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    # No reference: what a user has done stays when the user is gone. None: the server itself, or nobody known.
    Column("user_id", Integer),
    Column("user_email", String(MAX_EMAIL), nullable=False, server_default=""),
    Column("user_name", String(MAX_NAME), nullable=False, server_default=""),
    Column(
        "key_id", String(MAX_ID)
    ),  # of the API key by which it was done; None: a browser, or the server itself
    Column("key_label", String(MAX_NAME), nullable=False, server_default=""),
    Column("in_project_id", Integer),  # where it happened, if in one project; no reference, as above
    Column("in_project_name", String(MAX_NAME), nullable=False, server_default=""),
    Column("action", String(MAX_ACTION), nullable=False),
    Column("target_type", String(MAX_TYPE), nullable=False, server_default=""),
    Column("target_id", String(MAX_ID), nullable=False, server_default=""),
    Column("target_name", String(MAX_NAME), nullable=False, server_default=""),
    Column("before", Json),
    Column("after", Json),
    Column("address", String(MAX_ADDRESS), nullable=False, server_default=""),
    Column("user_agent", String(MAX_AGENT), nullable=False, server_default=""),
    Column("search_text", Text, nullable=False, server_default=""),  # names and addresses, folded
    Column("search_id", Uuid),  # of this text; None in entries from before it was kept apart
    Column("cleared_before", UtcDateTime),  # entries from before then may be deleted: this one says so
    Index("ix_audit_entry_time", "organization_id", "created_at", "id"),
    Index("ix_audit_entry_user", "organization_id", "user_id", "created_at", "id"),
    Index("ix_audit_entry_action", "organization_id", "action", "created_at", "id"),
    Index("ix_audit_entry_target", "organization_id", "target_type", "target_id", "created_at", "id"),
    Index("ix_audit_entry_search", "organization_id", "search_id", "created_at", "id"),
    Index(
        "ix_audit_entry_cleared",
        "organization_id",
        "cleared_before",
        sqlite_where=text("cleared_before IS NOT NULL"),
        postgresql_where=text("cleared_before IS NOT NULL"),
    ),
)

audit_search_text = Table(
    "audit_search_text",
    metadata,
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("text", Text, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    Column(
        "n_entries", Integer, nullable=False, server_default=text("0")
    ),  # that have it: a search adds these up
)
"""Each text that is searched in once: what one person does from one place to one thing over and over is one text."""
