"""Background work of e-mail channels: domains are looked at again each day."""

from datetime import timedelta

from parley.email.channels.mails import domain_mail
from parley.email.channels.queries import domain_by_name, domains_to_check
from parley.email.channels.rules import was_checked_lately
from parley.email.channels.verification import MAIL_ADMIN, check_domain
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, enqueue, job, work
from parley.kernel.services import Services

CHECK = "channels.check_domain"
MOST_DOMAINS = 500
"""Domains looked at in one hour."""


@job("channels.check_domains", every=timedelta(hours=1))
async def check_domains(db: Db, services: Services) -> int:
    """Have the domains looked up again that were not for a day, so that nothing is sent where the owner has changed."""
    due = await domains_to_check(db, services.clock.now(), MOST_DOMAINS)
    for project_id, name in due:
        await enqueue(db, CHECK, {"domain": name}, project_id=project_id)
    return len(due)


@work(CHECK)
async def check_one_domain(services: Services, work: Work) -> None:
    """Look up a domain unless that was done in the meantime. Safe to run twice."""
    async with services.database.transaction(write=False) as db:
        domain = await domain_by_name(db, work.project_id, work.payload["domain"])
    if domain is None or domain.verified_at is None:
        return
    if was_checked_lately(domain.checked_at, services.clock.now()):
        return
    await check_domain(services, work.project_id, domain.name, domain.dkim_selector)


@work(MAIL_ADMIN)
async def mail_admin_of_domain(services: Services, work: Work) -> None:
    """Tell one admin that the records of a domain are gone; the Message-ID is the same at every attempt."""
    payload, site_url = work.payload, services.settings.site_url
    await services.mailer.send(
        domain_mail(
            payload["to"], payload["domain"], payload["warning"], payload["project"], site_url, work.id.hex
        )
    )
