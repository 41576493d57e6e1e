"""Domains."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, func, or_, select

from parley.accounts.domains.rules import CHECKED_EVERY
from parley.accounts.domains.tables import organization_domain
from parley.kernel.clock import TOLERANCE
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
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
    proven_providers: list[str]  # those by which somebody with an address here has signed in

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
_BY_ID = Prepared(_DOMAINS.where(organization_domain.c.id == bindparam("domain_id")))
_IS_PROVEN = organization_domain.c.verified_at.is_not(None)


def domain_of(email: str) -> str:
    """Return the domain of an address as it is stored here, whatever spelling and letter case the address has."""
    return ascii_domain(normal_email(email).rpartition("@")[2])


async def domain_by_id(db: Db, domain_id: UUID) -> Domain | None:
    """Return a domain of any organization, verified or not (primary key)."""
    row = (await db.execute(_DOMAINS.where(organization_domain.c.id == domain_id))).first()
    return _DOMAIN(row) if row else None


async def domain_outside(database: Database, domain_id: UUID) -> Domain | None:
    """Return the same outside of a transaction: whoever has a token asks with each request."""
    rows = await database.read(_BY_ID, domain_id=domain_id)
    return _DOMAIN(rows[0]) if rows else None


async def verified_domain_of(db: Db, email: str) -> Domain | None:
    """Return the verified domain of an address: exactly this one, none above it (ix_organization_domain_proven)."""
    wanted = _DOMAINS.where(organization_domain.c.domain == domain_of(email), _IS_PROVEN)
    row = (await db.execute(wanted)).first()
    return _DOMAIN(row) if row else None


_IN_USE = Prepared(
    select(organization_domain.c.id)
    .where(
        _IS_PROVEN,
        or_(organization_domain.c.sso_enforcement != "", organization_domain.c.saml_x509_cert != ""),
    )
    .limit(1)
)


async def is_sso_in_use(database: Database) -> bool:
    """Say whether anybody's domain has a say in how they sign in; there are few domains."""
    return bool(await database.read(_IN_USE))


_WITH_SCIM = Prepared(
    select(organization_domain.c.id)
    .where(_IS_PROVEN, organization_domain.c.scim_token_hash.is_not(None))
    .limit(1)
)


async def is_scim_in_use(database: Database) -> bool:
    """Say whether the identity provider of any domain may come; there are few domains."""
    return bool(await database.read(_WITH_SCIM))


async def verified_domains(db: Db, organization_id: UUID) -> frozenset[str]:
    """Return the names of an organization's verified domains, in ASCII (unique key); `domain_of` compares with them."""
    of_organization = organization_domain.c.organization_id == organization_id
    rows = await db.execute(select(organization_domain.c.domain).where(of_organization, _IS_PROVEN))
    return frozenset(rows.scalars())


async def domain_page(db: Db, organization_id: UUID, limit: int, offset: int) -> list[Domain]:
    """Return a page of an organization's domains, by name (unique key)."""
    wanted = _DOMAINS.where(organization_domain.c.organization_id == organization_id)
    rows = await db.execute(wanted.order_by(organization_domain.c.domain).limit(limit).offset(offset))
    return [_DOMAIN(row) for row in rows]


async def n_domains(db: Db, organization_id: UUID) -> int:
    """Count an organization's domains (unique key)."""
    wanted = select(func.count()).where(organization_domain.c.organization_id == organization_id)
    count: int = (await db.execute(wanted)).scalar_one()
    return count


async def domain_of_organization(
    db: Db, organization_id: UUID, domain_id: UUID | None, *, is_locked: bool = False
) -> Domain:
    """Return one of an organization's domains (primary key), locked until the transaction ends; raises NotFound."""
    mine = (organization_domain.c.id == domain_id, organization_domain.c.organization_id == organization_id)
    wanted = _DOMAINS.where(*mine)
    row = (await db.execute(wanted.with_for_update() if is_locked else wanted)).first()
    if row is None:
        raise NotFound
    return _DOMAIN(row)


async def is_proven_elsewhere(db: Db, organization_id: UUID, domain: str) -> bool:
    """Say whether another organization has verified this name (ix_organization_domain_proven)."""
    elsewhere = organization_domain.c.organization_id != organization_id
    wanted = select(organization_domain.c.id).where(
        organization_domain.c.domain == domain, _IS_PROVEN, elsewhere
    )
    return (await db.execute(wanted)).first() is not None


async def domains_to_check(db: Db, now: datetime, most: int) -> Sequence[UUID]:
    """Return verified domains that were not looked up lately, oldest first (ix_organization_domain_proven)."""
    checked_at = organization_domain.c.last_verification_retry
    wanted = select(organization_domain.c.id).where(
        _IS_PROVEN,
        or_(checked_at.is_(None), checked_at < now - CHECKED_EVERY, checked_at > now + TOLERANCE),
    )
    rows = await db.execute(wanted.order_by(checked_at, organization_domain.c.id).limit(most))
    return rows.scalars().all()
