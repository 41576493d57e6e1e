"""The table of domains."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint, text

from parley.accounts.domains.rules import MAX_DOMAIN_LENGTH
from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

PROVEN = text("verified_at IS NOT NULL")

organization_domain = Table(
    "organization_domain",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False),
    Column(
        "domain", String(MAX_DOMAIN_LENGTH), nullable=False
    ),  # in ASCII and lower case, as the DNS knows it
    Column("verification_challenge", String(64), nullable=False),
    Column("verified_at", UtcDateTime),
    Column("last_verification_retry", UtcDateTime),  # the last look at the DNS
    Column("verification_error", Text),  # what it found wrong
    Column("failing_since", UtcDateTime),  # since when it finds the proof of a verified domain no more
    Column("jit_provisioning_enabled", Boolean, nullable=False, default=False),
    Column("sso_enforcement", String(28), nullable=False, default=""),
    Column("saml_entity_id", String(512)),
    Column("saml_acs_url", String(512)),  # where the identity provider signs people in, despite the name
    Column("saml_x509_cert", Text),
    Column("saml_allows_idp_initiated", Boolean, nullable=False, default=False),
    Column("scim_enabled", Boolean, nullable=False, default=False),
    Column("scim_token_hash", String(80)),
    Column("created_at", UtcDateTime, nullable=False),
    # By which somebody with an address here has signed in, so that it is no guess that the provider works.
    Column("proven_providers", Json, nullable=False, default=list, server_default="[]"),
    UniqueConstraint("organization_id", "domain"),
    # A claim blocks nobody: only one proof per name.
    Index(
        "ix_organization_domain_proven", "domain", unique=True, sqlite_where=PROVEN, postgresql_where=PROVEN
    ),
)
