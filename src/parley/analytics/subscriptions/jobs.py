"""Background work of subscriptions: people are told of them."""

from parley.analytics.subscriptions.actions.notices import introduce_to_slack, send_notice
from parley.analytics.subscriptions.actions.telling import INTRODUCE, SEND_NOTICE
from parley.kernel.jobs import Work, work
from parley.kernel.network.webhook_messages import RETRIES_S
from parley.kernel.services import Services


@work(INTRODUCE, retries_s=RETRIES_S[:3])
async def introduce_subscription(services: Services, work: Work) -> None:
    """Tell a channel of Slack that it gets a subscription from now on."""
    await introduce_to_slack(services, work)


@work(SEND_NOTICE, timeout_s=400)
async def send_subscription_notice(services: Services, work: Work) -> None:
    """Mail an invitation, or tell an owner what became of a subscription."""
    await send_notice(services, work)
