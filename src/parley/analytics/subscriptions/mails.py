"""The mails of subscriptions: invitations, and notices to owners. Names are one line, words are quoted."""

from uuid import UUID
from zoneinfo import ZoneInfo

from parley.analytics.reports.rules.links import report_link
from parley.analytics.subscriptions.actions.telling import SubscriptionNotice
from parley.analytics.subscriptions.rules.summary import summary_of
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.network.mail import Mail, one_line, quoted

FOOTER = "Change this subscription: {}\nNo more of these mails: {}"


def resource_url(site_url: str, found: StoredSubscription, medium: str) -> str:
    """Return the address of what a subscription is about, which tells from where somebody comes."""
    path = (
        f"/insights/{found.insight_short_id}"
        if found.kind == "insight"
        else f"/dashboards/{found.dashboard_id}"
    )
    return report_link(site_url, path, medium)


def settings_url(site_url: str, subscription_id: int) -> str:
    """Return the address of the page on which the team changes a subscription, for a mail."""
    return report_link(site_url, f"/subscriptions/{subscription_id}", "email")


def notice_mail(
    found: StoredSubscription,
    notice: SubscriptionNotice,
    site_url: str,
    zone: ZoneInfo,
    work_id: UUID,
    unsubscribe_url: str,
) -> Mail:
    """Return a notice, with dates in the zone; only those of invitations can be unsubscribed from."""
    host = site_url.partition("://")[2].partition("/")[0].partition(":")[0] or "localhost"
    if notice.kind == "invitation":
        subject, text = _invitation(found, notice, site_url, zone)
        text += f"\n-- \n{FOOTER.format(settings_url(site_url, found.id), unsubscribe_url)}\n"
    else:
        subject, text = _to_owner(found, notice)
        text += f"\n{settings_url(site_url, found.id)}\n"
    return Mail(
        to=notice.email,
        subject=subject,
        text=text,
        message_id=f"subscription-notice.{work_id.hex}@{host}",
        unsubscribe_url=unsubscribe_url if notice.kind == "invitation" else None,
    )


def _invitation(
    found: StoredSubscription, notice: SubscriptionNotice, site_url: str, zone: ZoneInfo
) -> tuple[str, str]:
    inviter = one_line(notice.inviter).split(" ")[0] or "Someone"
    subject = (
        f"You have been subscribed to a Parley {found.kind}"
        if notice.is_inviter
        else f"{inviter} subscribed you to a Parley {found.kind}"
    )
    lines = [f"{subject}: {one_line(found.title or found.resource_name)}."]
    if notice.words:
        lines.append(quoted(notice.words))
    lines += [schedule_sentence(found, zone), f"Open: {resource_url(site_url, found, 'email')}"]
    return subject, "\n\n".join(lines) + "\n"


def schedule_sentence(found: StoredSubscription, zone: ZoneInfo) -> str:
    """Return when a subscription comes, and on which day of the zone next."""
    text = f"This subscription is {summary_of(found.rule)}."
    at = found.next_delivery_date
    return (
        text
        if at is None
        else f"{text} The next subscription will be sent on {at.astimezone(zone):%A %B %d, %Y}"
    )


def _to_owner(found: StoredSubscription, notice: SubscriptionNotice) -> tuple[str, str]:
    title = one_line(found.title) if found.title else ""
    about = f'"{title}"' if title else f"to {one_line(found.resource_name)}"
    reason = one_line(notice.words or "", 1000)
    if notice.kind == "failing":
        subject = (
            f'Parley subscription "{title}" was not delivered'
            if title
            else "Your Parley subscription was not delivered"
        )
        return subject, (
            f"The subscription {about} could not be delivered:\n\n{reason}\n\n"
            "It is tried again at its next date. You get no further mail until it has worked again, or is disabled.\n"
        )
    subject = (
        f'Parley subscription "{title}" has been disabled'
        if title
        else "Your Parley subscription has been disabled"
    )
    return subject, (
        f"The subscription {about} is disabled:\n\n{reason}\n\nSomebody of the team can change and enable it again.\n"
    )
