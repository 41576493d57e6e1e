"""The tables of sign-ins by SAML that are under way, and of assertions that have been taken."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, false

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

_DOMAIN = "organization_domain.id"

saml_request = Table(
    "saml_request",
    metadata,
    Column("id", String(64), primary_key=True),  # the ID of the request, which the answer repeats
    Column("domain_id", Uuid, ForeignKey(_DOMAIN, ondelete="CASCADE"), nullable=False),
    Column("browser_hash", String(80), nullable=False),  # of the cookie of the browser that asked
    Column("come_back_to", String(2000), nullable=False),
    Column("session_hash", String(80)),  # of the session that the browser had, which the answer replaces
    # The identity provider was told to ask who somebody is, though it knows the browser, and must say that it has.
    Column("is_confirmation", Boolean, nullable=False, default=False, server_default=false()),
    Column("tested_by", Integer, ForeignKey("user_account.id", ondelete="CASCADE")),  # nobody is signed in
    Column("finding", Json),  # what came back for a test
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_saml_request_expires", "expires_at"),
    Index("ix_saml_request_domain", "domain_id"),
    Index("ix_saml_request_tested_by", "tested_by"),
)

saml_assertion = Table(
    "saml_assertion",
    metadata,
    Column("domain_id", Uuid, ForeignKey(_DOMAIN, ondelete="CASCADE"), primary_key=True),
    Column("id_digest", String(80), primary_key=True),  # an identity provider may choose long IDs
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_saml_assertion_expires", "expires_at"),
)
