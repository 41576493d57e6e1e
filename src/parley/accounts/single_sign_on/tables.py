"""The table of identities at providers, by which people come in."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

MAX_PROVIDER_LENGTH, MAX_SUBJECT_LENGTH = 20, 700

external_identity = Table(
    "external_identity",
    metadata,
    Column("provider", String(MAX_PROVIDER_LENGTH), primary_key=True),
    # What the provider calls somebody for ever, with whose name it is in front: an issuer, or the id of a domain.
    Column("subject", String(MAX_SUBJECT_LENGTH), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column(
        "domain_id", Uuid, ForeignKey("organization_domain.id", ondelete="CASCADE"), index=True
    ),  # of SAML
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
)
