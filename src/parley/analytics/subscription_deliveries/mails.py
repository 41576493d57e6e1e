"""The mail of a report."""

from parley.analytics.subscription_deliveries.letters import ReportLetter
from parley.analytics.subscription_deliveries.schemas import OpenDelivery
from parley.analytics.subscriptions.mails import FOOTER
from parley.kernel.network.mail import Mail


def report_mail(
    letter: ReportLetter, delivery: OpenDelivery, number: int, email: str, unsubscribe_url: str, host: str
) -> Mail:
    """Return the report for one recipient; its Message-ID is the same at every attempt."""
    return Mail(
        to=email,
        subject=letter.subject,
        text=f"{letter.text}\n-- \n{FOOTER.format(unsubscribe_url)}\n",
        message_id=f"subscription.{delivery.id.hex}.{number}@{host}",
        unsubscribe_url=unsubscribe_url,
    )
