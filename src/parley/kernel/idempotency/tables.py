"""The table of keys and their answers."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, Table, Text

from parley.kernel.database.columns import ENCRYPTED, UtcDateTime, metadata

idempotency_key = Table(
    "idempotency_key",
    metadata,
    # 0 for routes that belong to no project.
    Column("project_id", Integer, nullable=False),
    Column("digest", String(64), nullable=False),  # of the caller, the route and the key
    Column("fingerprint", String(64), nullable=False),  # of what was asked for
    # The three of the answer are only empty inside the transaction that claims the key.
    Column("status", Integer),
    Column("content_type", String(100)),
    Column("sealed_body", Text, info=ENCRYPTED),  # encrypted: an answer may show what is a secret elsewhere
    Column("created_at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("project_id", "digest"),
)
