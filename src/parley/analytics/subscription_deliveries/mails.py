"""The mail of a report."""

from urllib.parse import urlsplit

from parley.analytics.reports.rules.html import framed
from parley.analytics.reports.schemas import Report
from parley.analytics.subscription_deliveries.schemas import OpenDelivery
from parley.analytics.subscriptions.mails import FOOTER, settings_url
from parley.kernel.network.mail import Mail

CHANGE, UNSUBSCRIBE = "Change this subscription", "No more of these mails"


def report_mail(
    letter: Report, delivery: OpenDelivery, number: int, email: str, unsubscribe_url: str, site_url: str
) -> Mail:
    """Return the report for one recipient; its Message-ID is the same at every attempt."""
    host = urlsplit(site_url).hostname or "localhost"
    settings = settings_url(site_url, delivery.subscription_id)
    ends = [(CHANGE, settings), (UNSUBSCRIBE, unsubscribe_url)]
    return Mail(
        to=email,
        subject=letter.subject,
        text=f"{letter.text}\n-- \n{FOOTER.format(settings, unsubscribe_url)}\n",
        html=framed(letter.html, letter.subject, ends),
        message_id=f"subscription.{delivery.id.hex}.{number}@{host}",
        unsubscribe_url=unsubscribe_url,
        files=[*letter.pictures, *letter.files],
    )
