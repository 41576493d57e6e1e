"""Background work of domains: verified ones are looked at again each day."""

from datetime import datetime, timedelta
from uuid import UUID

from parley.accounts.domains.actions import MAIL_ADMIN
from parley.accounts.domains.mails import changed_ways_in, missing_record, saml_in_force, withdrawn
from parley.accounts.domains.queries import domain_by_id, domains_to_check
from parley.accounts.domains.rules import was_checked_lately
from parley.accounts.domains.verification import check_again
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, enqueue, job, work
from parley.kernel.services import Services

CHECK = "accounts.check_domain"
MOST_AT_ONCE = 1000
"""Domains looked at in one hour."""


@job("accounts.check_domains", every=timedelta(hours=1))
async def check_domains(db: Db, services: Services) -> int:
    """Have the verified domains looked up that were not for a day."""
    due = await domains_to_check(db, services.clock.now(), MOST_AT_ONCE)
    for domain_id in due:
        await enqueue(db, CHECK, {"domain_id": str(domain_id)}, project_id=0)
    return len(due)


@work(CHECK)
async def check_domain(services: Services, work: Work) -> None:
    """Look a verified domain up, unless that was done in the meantime. Safe to run twice."""
    domain_id = UUID(work.payload["domain_id"])
    async with services.database.transaction(write=False) as db:
        domain = await domain_by_id(db, domain_id)
    if domain and not was_checked_lately(domain.last_verification_retry, services.clock.now()):
        await check_again(services, domain_id)


@work(MAIL_ADMIN)
async def mail_admin_of_domain(services: Services, work: Work) -> None:
    """Tell one admin what became of a domain; the Message-ID is the same at every attempt."""
    payload = work.payload
    async with services.database.transaction(write=False) as db:
        domain = await domain_by_id(db, UUID(payload["domain_id"]))
    if domain is None:
        return
    if payload["notice"] == "withdrawn":
        mail = withdrawn(payload["to"], domain, services.settings, work.id.hex)
    elif payload["notice"] == "saml_in_force":
        mail = saml_in_force(payload["to"], domain, services.settings, work.id.hex)
    elif payload["notice"] == "ways_in":
        mail = changed_ways_in(payload["to"], domain, payload["by"], services.settings, work.id.hex)
    else:
        since = datetime.fromisoformat(payload["since"])
        mail = missing_record(payload["to"], domain, since, services.settings, work.id.hex)
    await services.mailer.send(mail)
