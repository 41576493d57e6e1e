"""Proving a domain: look for its record in the DNS, and keep what that comes to."""

from uuid import UUID

from msgspec import structs
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from parley.accounts.audit_log.actions import record
from parley.accounts.domains.actions import MAIL_ADMIN, taken
from parley.accounts.domains.queries import Domain, domain_by_id, domain_of_organization, is_proven_elsewhere
from parley.accounts.domains.rules import Finding, Verification, finding_of, record_name, verification_after
from parley.accounts.domains.tables import organization_domain
from parley.accounts.memberships.queries import emails_of_admins
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services
from parley.kernel.throttle import MINUTE_S, Limit

LOOK_UPS = Limit("domain-verification", 30, MINUTE_S)
"""How often the admins of an organization may have the DNS asked."""


async def verify_domain(services: Services, organization_id: UUID, domain_id: UUID | None) -> Domain:
    """Look for the record of a domain and return the domain as it is then; what the DNS says is no error.

    Raises NotFound, Throttled, and Invalid for a domain that is verified, or that another organization has proven to be
    theirs. Opens its own transactions: none is held while the DNS is asked.
    """
    async with services.database.transaction(write=False) as db:
        domain = await domain_of_organization(db, organization_id, domain_id)
        if domain.is_verified:
            raise Invalid("This domain has already been verified.", code="already_verified")
        if await is_proven_elsewhere(db, organization_id, domain.domain):
            raise taken()
    await services.throttles.hit((LOOK_UPS, str(organization_id)))
    finding = await look_up(services, domain)
    async with services.database.transaction() as db:
        found = await domain_of_organization(db, organization_id, domain.id, is_locked=True)
        return await store_finding(db, services, found, finding)


async def look_up(services: Services, domain: Domain) -> Finding:
    """Ask the DNS for the record of a domain."""
    name = record_name(domain.domain, services.settings)
    return finding_of(await services.dns.texts(name), name, domain.verification_challenge)


async def store_finding(db: Db, services: Services, domain: Domain, finding: Finding) -> Domain:
    """Keep what a look at the DNS has found about a locked domain, tell its admins, and return it as it is now."""
    now = services.clock.now()
    before = Verification(domain.verified_at, domain.failing_since)
    after = verification_after(before, finding, now, checked_at=domain.last_verification_retry)
    changes = {
        "verified_at": after.verified_at,
        "failing_since": after.failing_since,
        "last_verification_retry": now,
        "verification_error": finding.error,
    }
    try:
        async with db.savepoint():
            mine = organization_domain.c.id == domain.id
            await db.execute(update(organization_domain).where(mine).values(**changes))
    except IntegrityError as error:  # another organization has proven it in this very moment
        raise taken() from error
    await _tell(db, services, domain, after)
    return structs.replace(domain, **changes)


async def check_again(services: Services, domain_id: UUID) -> None:
    """Look at a verified domain again; nothing happens to one that is gone by now. Safe to run twice."""
    async with services.database.transaction(write=False) as db:
        domain = await domain_by_id(db, domain_id)
    if domain is None or not domain.is_verified:
        return
    finding = await look_up(services, domain)
    async with services.database.transaction() as db:
        try:
            found = await domain_of_organization(db, domain.organization_id, domain_id, is_locked=True)
        except NotFound:
            return
        if found.last_verification_retry == domain.last_verification_retry and found.is_verified:
            await store_finding(db, services, found, finding)


async def _tell(db: Db, services: Services, domain: Domain, after: Verification) -> None:
    """Write what has happened into the audit log, and have mails sent where the admins must do something."""
    happened: str | None = after.notice
    if after.verified_at and not domain.is_verified:
        happened = "verified"
    elif after.verified_at and domain.failing_since and not after.failing_since:
        happened = "found_again"
    if happened is None:
        return
    await record(
        db,
        services,
        organization_id=domain.organization_id,
        action=f"domain.{happened}",
        target=("domain", str(domain.id), domain.domain),
    )
    payload = {"domain_id": str(domain.id), "notice": after.notice}
    if happened == "verified" and domain.has_saml:
        payload["notice"] = "saml_in_force"
    elif after.notice is None:
        return
    else:
        since = after.failing_since or domain.failing_since
        assert since is not None  # of a missing record it is known since when
        payload["since"] = since.isoformat()
    for email in await emails_of_admins(db, domain.organization_id):
        await enqueue(db, MAIL_ADMIN, payload | {"to": email}, project_id=0, queue="mail")
