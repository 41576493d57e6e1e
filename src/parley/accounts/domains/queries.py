"""Domains."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from parley.accounts.domains.tables import organization_domain
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.network.domains import ascii_domain
from parley.kernel.network.emails import normal_email


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain as it is stored; `verified_at` is None for a mere claim, which nothing may rest on."""

    id: UUID
    organization_id: UUID
    domain: str
    verification_challenge: str
    verified_at: datetime | None
    last_verification_retry: datetime | None
    verification_error: str | None
    failing_since: datetime | None
    jit_provisioning_enabled: bool
    sso_enforcement: str
    saml_entity_id: str | None
    saml_acs_url: str | None
    saml_x509_cert: str | None
    saml_allows_idp_initiated: bool
    scim_enabled: bool
    scim_token_hash: str | None
    created_at: datetime

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def has_saml(self) -> bool:
        """Say whether all is there that signing in by SAML needs; the domain may still be unverified."""
        return bool(self.saml_entity_id and self.saml_acs_url and self.saml_x509_cert)

    @property
    def has_scim(self) -> bool:
        return self.scim_enabled and bool(self.scim_token_hash)


_DOMAIN = StructColumns(Domain, organization_domain)
_DOMAINS = select(*_DOMAIN.columns)
_IS_PROVEN = organization_domain.c.verified_at.is_not(None)


def domain_of(email: str) -> str:
    """Return the domain of an address as it is stored here, whatever spelling and letter case the address has."""
    return ascii_domain(normal_email(email).rpartition("@")[2])


async def domain_by_id(db: Db, domain_id: UUID) -> Domain | None:
    """Return a domain of any organization, verified or not (primary key)."""
    row = (await db.execute(_DOMAINS.where(organization_domain.c.id == domain_id))).first()
    return _DOMAIN(row) if row else None


async def verified_domain_of(db: Db, email: str) -> Domain | None:
    """Return the verified domain of an address: exactly this one, none above it (ix_organization_domain_proven)."""
    wanted = _DOMAINS.where(organization_domain.c.domain == domain_of(email), _IS_PROVEN)
    row = (await db.execute(wanted)).first()
    return _DOMAIN(row) if row else None


async def verified_domains(db: Db, organization_id: UUID) -> frozenset[str]:
    """Return the names of an organization's verified domains, in ASCII (unique key); `domain_of` compares with them."""
    of_organization = organization_domain.c.organization_id == organization_id
    rows = await db.execute(select(organization_domain.c.domain).where(of_organization, _IS_PROVEN))
    return frozenset(rows.scalars())
