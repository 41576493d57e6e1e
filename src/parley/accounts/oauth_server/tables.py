"""The tables of OAuth applications, of what people have granted to them, and of their tokens."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from parley.accounts.oauth_server.rules.names import MAX_NAME
from parley.accounts.oauth_server.rules.redirect_uris import MAX_REDIRECT_URI
from parley.kernel.database.columns import Json, UtcDateTime, metadata

oauth_application = Table(
    "oauth_application",
    metadata,
    Column("id", String(50), primary_key=True),
    Column("name", String(MAX_NAME), nullable=False),
    Column("redirect_uris", Json, nullable=False),
    Column("auth_method", String(30), nullable=False),
    Column("secret_hash", String(80)),  # of clients that can keep a secret
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),  # moves on with each use
)

oauth_grant = Table(
    "oauth_grant",
    metadata,
    Column("id", String(50), primary_key=True),
    Column(
        "application_id",
        String(50),
        ForeignKey("oauth_application.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scopes", Json, nullable=False),
    Column("scoped_teams", Json, nullable=False),
    Column("scoped_organizations", Json, nullable=False),
    Column("covered_organizations", Json, nullable=False),
    Column("redirect_uri", String(MAX_REDIRECT_URI), nullable=False),
    Column("code_hash", String(80), nullable=False, unique=True),
    Column("code_challenge", String(128), nullable=False),
    Column("code_used_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),  # of the code, then of the refresh token
    Column("last_used_at", UtcDateTime),  # at most an hour late
)

oauth_token = Table(
    "oauth_token",
    metadata,
    Column("token_hash", String(80), primary_key=True),
    Column(
        "grant_id",
        String(50),
        ForeignKey("oauth_grant.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("kind", String(10), nullable=False),  # access or refresh
    Column("scopes", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),  # of a refresh token that has been exchanged
)
