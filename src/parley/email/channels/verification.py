"""Proving a domain: look up its records, and keep what they come to."""

import asyncio

import msgspec
from sqlalchemy import update

from parley.accounts.memberships.queries import emails_of_admins
from parley.accounts.projects.queries.projects import project_row
from parley.email.channels.errors import AddressInUse
from parley.email.channels.queries import (
    address_proved_elsewhere,
    channel_to_change,
    domain_key,
    domain_locked,
)
from parley.email.channels.records import Findings, first_dmarc, names_of_dmarc
from parley.email.channels.rules import Proof, proof_after
from parley.email.channels.schemas import ConnectedChannel, EmailDomain
from parley.email.channels.shown import dns_records
from parley.email.channels.tables import email_domain
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

MAIL_ADMIN = "channels.mail_admin_of_domain"


async def check_domain(services: Services, project_id: int, name: str, selector: str) -> Proof | None:
    """Look up a domain's records and store what is so; return the proof, None when the domain is gone by now.

    Raises AddressInUse when another project has the proof for one of the addresses. It waits for the DNS, so it opens
    its transaction itself. Safe to run twice.
    """
    findings = await looked_up(services, name, selector)
    async with services.database.transaction() as db:
        domain = await domain_locked(db, project_id, name)
        if domain is None or domain.dkim_selector != selector:
            return None
        proof = _proof(services, domain, findings)
        if proof.verified_at and not domain.verified_at:
            taken = await address_proved_elsewhere(db, project_id, name)
            if taken is not None:
                raise AddressInUse(f"{taken} is used by another e-mail channel.")
        await _store(db, services, domain, findings, proof)
    return proof


async def verified_channel(services: Services, actor: Actor, channel_id: str) -> ConnectedChannel:
    """Look up the domain of a channel and return it as it is then; raises NotFound, PermissionDenied and AddressInUse.

    That of a test address can't be in the DNS.
    """
    async with services.database.transaction(write=False) as db:
        found = await channel_to_change(db, actor, channel_id)
    domain = found.domain
    if domain.is_test:
        return found
    await check_domain(services, domain.project_id, domain.name, domain.dkim_selector)
    async with services.database.transaction(write=False) as db:
        return await channel_to_change(db, actor, channel_id)


async def looked_up(services: Services, name: str, selector: str) -> Findings:
    """Ask the DNS for everything about a domain, and where mail for forwarding addresses goes, at the same time."""
    dns = services.dns
    spf, dkim, mx, *dmarc = await asyncio.gather(
        dns.texts(name),
        dns.texts(f"{selector}._domainkey.{name}"),
        dns.lookup(services.settings.inbound_domain, "MX"),
        *(dns.texts(one) for one in names_of_dmarc(name)),
    )
    return Findings(spf=spf, dkim=dkim, dmarc=first_dmarc(dmarc), mx=mx)


def _proof(services: Services, domain: EmailDomain, findings: Findings) -> Proof:
    after = msgspec.structs.replace(domain, findings=msgspec.to_builtins(findings))
    records = dns_records(after, services.settings).sending_dns_records
    return proof_after(
        Proof(domain.verified_at, domain.failing_since),
        services.clock.now(),
        is_valid=all(one.valid for one in records),
        is_known=not (findings.spf.problem or findings.dkim.problem),
        checked_at=domain.checked_at,
    )


async def _store(db: Db, services: Services, domain: EmailDomain, findings: Findings, proof: Proof) -> None:
    values = {
        "findings": msgspec.to_builtins(findings),
        "checked_at": services.clock.now(),
        "verified_at": proof.verified_at,
        "failing_since": proof.failing_since,
    }
    await db.execute(update(email_domain).where(domain_key(domain.project_id, domain.name)).values(**values))
    if proof.warning:
        project = await project_row(db, domain.project_id)
        payload = {"domain": domain.name, "warning": proof.warning, "project": project.name}
        for email in await emails_of_admins(db, project.organization_id):
            await enqueue(db, MAIL_ADMIN, payload | {"to": email}, project_id=domain.project_id, queue="mail")
