"""Background work of reports in Slack."""

from parley.analytics.subscription_deliveries.actions.preparing import POST
from parley.analytics.subscription_deliveries.rules import CALL_RETRIES_S
from parley.analytics.subscriptions.actions.telling import INTRODUCE_CHANNEL
from parley.integrations.slack_reports.posting import introduce_to_channel, post_report
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work(POST, retries_s=CALL_RETRIES_S, timeout_s=180)
async def post_report_in_channel(services: Services, work: Work) -> None:
    """Post a report in a channel. After a crash it is looked up whether it is there already."""
    await post_report(services, work)


@work(INTRODUCE_CHANNEL, retries_s=CALL_RETRIES_S[:3], timeout_s=180)
async def introduce_subscription_to_channel(services: Services, work: Work) -> None:
    """Tell a channel that it gets a subscription from now on. After a crash it may be told twice."""
    await introduce_to_channel(services, work)
