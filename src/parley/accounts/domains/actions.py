"""Claiming, changing and deleting domains."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from msgspec import structs
from sqlalchemy import delete, update

from parley.accounts.audit_log.actions import record
from parley.accounts.audit_log.rules import changed_values
from parley.accounts.domains.enforcement import provider_in_force
from parley.accounts.domains.errors import NoBreakGlass, WouldBlockSelf
from parley.accounts.domains.queries import (
    Domain,
    domain_of,
    domain_of_organization,
    is_proven_elsewhere,
    n_domains,
)
from parley.accounts.domains.rules import (
    MOST_DOMAINS,
    PROVIDER_NAMES,
    check_domain_name,
    new_challenge,
    new_scim_token,
)
from parley.accounts.domains.schemas import DomainPatch, NewDomain
from parley.accounts.domains.tables import organization_domain
from parley.accounts.memberships.queries import emails_of_admins
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, PlainError
from parley.kernel.http.authorization import OrganizationActor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_uuid, token_hash
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

NOT_VERIFIED = "This attribute cannot be updated until the domain is verified."
MAIL_ADMIN = "accounts.mail_admin_of_domain"
WAYS_IN = frozenset(
    {"sso_enforcement", "saml_entity_id", "saml_acs_url", "saml_x509_cert", "saml_allows_idp_initiated"}
)
"""Whoever changes these could let themselves in as somebody else, so every admin hears of it."""
ONLY_WHEN_VERIFIED = ("jit_provisioning_enabled", "sso_enforcement")
TOO_MANY = f"An organization can have at most {MOST_DOMAINS} domains. Delete one that is not needed."
SWITCH_OFF_FIRST = "Your own address is in this domain, and only {name} lets you in. Stop enforcing it first."
SCIM_IS_OFF = "SCIM is not enabled for this domain"
NO_BREAK_GLASS = (
    "If {name} fails, no owner could get in. An owner with a password makes recovery codes first, on the page Security of "
    "their account; whoever has no password asks for a new one, while {name} isn't the only way."
)
NOBODY_HAS = (
    "Nobody with an address in this domain has signed in with {name} yet. Sign in with it once yourself, so that you "
    "don't lock yourself out."
)


def taken() -> Invalid:
    """Return the error for a name that the organization has, or that another one has proven to be theirs."""
    return Invalid("domain with this domain already exists.", code="unique", attr="domain")


async def create_domain(db: Db, services: Services, caller: OrganizationActor, new: NewDomain) -> UUID:
    """Claim a domain and return its id; raises Invalid for no name, one that is taken, and too many."""
    name, organization_id = check_domain_name(new.domain), caller.organization_id
    if await is_proven_elsewhere(db, organization_id, name):
        raise taken()
    if await n_domains(db, organization_id) >= MOST_DOMAINS:
        raise Invalid(TOO_MANY, code="limit_reached")
    statement = insert_for(db.dialect, organization_domain).values(
        **structs.asdict(structs.replace(new, domain=name)),
        id=new_uuid(),
        organization_id=organization_id,
        verification_challenge=new_challenge(),
        created_at=services.clock.now(),
    )
    made = await db.execute(
        statement.on_conflict_do_nothing(index_elements=["organization_id", "domain"]).returning(
            organization_domain.c.id
        )
    )
    domain_id: UUID | None = made.scalar_one_or_none()
    if domain_id is None:
        raise taken()
    await _record(db, services, await domain_of_organization(db, organization_id, domain_id), "created")
    return domain_id


OwnerGetsIn = Callable[[Db, Services, UUID, str], Awaitable[bool]]
"""Whether an owner of the organization gets in whatever happens to the provider of this domain (`owner_gets_in`)."""


async def change_domain(
    db: Db,
    services: Services,
    caller: OrganizationActor,
    domain_id: UUID | None,
    patch: DomainPatch,
    *,
    owner_gets_in: OwnerGetsIn,
) -> str | None:
    """Change what the patch names. Raises NotFound; Invalid for what needs a verified domain; WouldBlockSelf.

    `owner_gets_in` is handed down by `main`, since it knows of recovery codes. It is asked before a provider is enforced.
    Where it switches SCIM on, the new token is returned, this once; switched off, the token ends.
    """
    before = await domain_of_organization(db, caller.organization_id, domain_id, is_locked=True)
    changes = patched_fields(patch)
    if not before.is_verified:
        for field in ONLY_WHEN_VERIFIED:
            if field in changes:
                raise Invalid(NOT_VERIFIED, code="verification_required", attr=field)
    if changes.get("sso_enforcement", "") is None:
        changes["sso_enforcement"] = ""
    changes |= _proofs_left(before, structs.replace(before, **changes))
    token = new_scim_token() if changes.get("scim_enabled") and not before.has_scim else None
    if token is not None or changes.get("scim_enabled") is False:
        changes["scim_token_hash"] = token_hash(token) if token else None
    after = structs.replace(before, **changes)
    _check_caller_gets_in(services, caller, before, after)
    if after == before:
        return None
    if _enforces_anew(services, before, after):
        gets_in = await owner_gets_in(db, services, caller.organization_id, after.domain)
        if not gets_in:
            raise no_break_glass(after.sso_enforcement)
    await db.execute(
        update(organization_domain).where(organization_domain.c.id == before.id).values(**changes)
    )
    was, is_now = changed_values({one: getattr(before, one) for one in changes}, changes)
    await _record(db, services, before, "changed", was, is_now)
    if before.is_verified and WAYS_IN & is_now.keys():
        await _tell_admins(db, before, by=caller.principal.email)
    return token


def _enforces_anew(services: Services, before: Domain, after: Domain) -> bool:
    """Say whether a policy begins: by being chosen, also before its provider is set up, or by what it was waiting for."""
    is_chosen = bool(after.sso_enforcement) and after.sso_enforcement != before.sso_enforcement
    provider = provider_in_force(after, services.settings)
    return is_chosen or (provider is not None and provider != provider_in_force(before, services.settings))


def no_break_glass(provider: str | None) -> NoBreakGlass:
    """Return the error for a provider that would be the only way in for every owner."""
    name = PROVIDER_NAMES[provider or ""]
    return NoBreakGlass(NO_BREAK_GLASS.format(name=name), attr="sso_enforcement")


async def _tell_admins(db: Db, domain: Domain, *, by: str) -> None:
    """Have everybody who may change the domain told that somebody has changed how its people sign in."""
    payload = {"domain_id": str(domain.id), "notice": "ways_in", "by": by}
    for email in await emails_of_admins(db, domain.organization_id):
        if email != by:
            await enqueue(db, MAIL_ADMIN, payload | {"to": email}, project_id=0, queue="mail")


async def rotate_scim_token(
    db: Db, services: Services, caller: OrganizationActor, domain_id: UUID | None
) -> str:
    """Return a new token for SCIM, which ends the old one; raises NotFound, and PlainError where SCIM is off."""
    domain = await domain_of_organization(db, caller.organization_id, domain_id, is_locked=True)
    if not domain.scim_enabled:
        raise PlainError(400, {"detail": SCIM_IS_OFF})
    token = new_scim_token()
    mine = organization_domain.c.id == domain.id
    await db.execute(update(organization_domain).where(mine).values(scim_token_hash=token_hash(token)))
    await _record(db, services, domain, "scim_token_rotated")
    return token


def _proofs_left(before: Domain, after: Domain) -> dict[str, Any]:
    """Forget that SAML works when it is set up anew. A certificate that is only added changes nothing."""
    is_same = (before.saml_entity_id, before.saml_acs_url) == (after.saml_entity_id, after.saml_acs_url)
    keeps_certificate = (before.saml_x509_cert or "") in (after.saml_x509_cert or "")
    if "saml" not in before.proven_providers or (is_same and keeps_certificate):
        return {}
    return {"proven_providers": [one for one in before.proven_providers if one != "saml"]}


def _check_caller_gets_in(
    services: Services, caller: OrganizationActor, before: Domain, after: Domain
) -> None:
    """Raise WouldBlockSelf where a provider would become the caller's only way in that nobody has come by yet."""
    provider = provider_in_force(after, services.settings)
    is_new = provider != provider_in_force(before, services.settings) or (
        before.proven_providers != after.proven_providers
    )
    is_own = domain_of(caller.principal.email) == after.domain
    if provider and is_new and is_own and provider not in after.proven_providers:
        raise WouldBlockSelf(NOBODY_HAS.format(name=PROVIDER_NAMES[provider]), attr="sso_enforcement")


async def delete_domain(
    db: Db, services: Services, caller: OrganizationActor, domain_id: UUID | None
) -> None:
    """Give a domain up, with its policy; raises NotFound, and WouldBlockSelf while it is the caller's way in."""
    domain = await domain_of_organization(db, caller.organization_id, domain_id, is_locked=True)
    provider = provider_in_force(domain, services.settings)
    if provider is not None and domain_of(caller.principal.email) == domain.domain:
        raise WouldBlockSelf(SWITCH_OFF_FIRST.format(name=PROVIDER_NAMES[provider]))
    await db.execute(delete(organization_domain).where(organization_domain.c.id == domain.id))
    await _record(db, services, domain, "deleted", _policy_of(domain))


def _policy_of(domain: Domain) -> dict[str, Any]:
    return {
        "is_verified": domain.is_verified,
        "sso_enforcement": domain.sso_enforcement,
        "jit_provisioning_enabled": domain.jit_provisioning_enabled,
        "has_saml": domain.has_saml,
        "has_scim": domain.has_scim,
    }


async def _record(
    db: Db,
    services: Services,
    domain: Domain,
    happened: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    await record(
        db,
        services,
        organization_id=domain.organization_id,
        action=f"domain.{happened}",
        target=("domain", str(domain.id), domain.domain),
        before=before,
        after=after,
    )


async def note_proven_provider(db: Db, domain: Domain, provider: str) -> None:
    """Note that somebody with an address in this domain has come in by a provider, so that it may be enforced.

    Called by every such sign-in; writes at the first one only. Nothing happens to a domain that is set up anew meanwhile.
    """
    if provider not in domain.proven_providers:
        is_same = (
            organization_domain.c.id == domain.id,
            organization_domain.c.saml_entity_id.is_not_distinct_from(domain.saml_entity_id),
            organization_domain.c.saml_acs_url.is_not_distinct_from(domain.saml_acs_url),
        )
        proven = [*domain.proven_providers, provider]
        await db.execute(update(organization_domain).where(*is_same).values(proven_providers=proven))
