"""Mails about subscriptions to one person: an invitation, or what went wrong."""

from zoneinfo import ZoneInfo

import msgspec

from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.subscriptions.actions.telling import SubscriptionNotice
from parley.analytics.subscriptions.mails import notice_mail
from parley.analytics.subscriptions.queries.subscriptions import subscription_or_none
from parley.analytics.subscriptions.rules.targets import has_address
from parley.analytics.subscriptions.unsubscribe_tokens import ReportUnsubscription, unsubscribe_url
from parley.kernel.jobs import Work
from parley.kernel.network.mail import MailRefused
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone


async def send_notice(services: Services, work: Work) -> None:
    """Send the mail, unless nobody is invited any more; its Message-ID is the same at every attempt."""
    notice = msgspec.convert(work.payload, SubscriptionNotice)
    async with services.database.transaction(write=False) as db:
        found = await subscription_or_none(db, work.project_id, notice.subscription_id)
    if found is None:
        return
    is_invited = has_address(found.target_value, notice.email) and found.enabled and not found.deleted
    if notice.kind == "invitation" and not is_invited:
        return
    where, site_url = await zone_of(services, found.project_id), services.settings.site_url
    link = ReportUnsubscription(found.id, notice.email, found.project_id)
    url = unsubscribe_url(site_url, services.vault, link, services.clock.now())
    try:
        await services.mailer.send(notice_mail(found, notice, site_url, where, work.id, url))
    except MailRefused as error:
        if not error.is_final:
            raise


async def zone_of(services: Services, project_id: int) -> ZoneInfo:
    """Return the zone of a project."""
    found = await project_by_id(services.database, project_id)
    return zone(found.timezone if found else "UTC")
