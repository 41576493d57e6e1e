"""The table of sign-ins that are under way at a provider."""

from sqlalchemy import Boolean, Column, String, Table, false

from parley.kernel.database.columns import UtcDateTime, metadata

oauth_request = Table(
    "oauth_request",
    metadata,
    Column("state_hash", String(80), primary_key=True),
    Column("browser_hash", String(80), nullable=False),  # of the cookie of the browser in which it began
    Column("provider", String(20), nullable=False),
    Column("next_path", String(2000), nullable=False),  # where to go afterwards
    # The provider was told to ask who somebody is, though it knows the browser, and must say that it has.
    Column("is_confirmation", Boolean, nullable=False, default=False, server_default=false()),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
