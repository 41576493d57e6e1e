"""Background work of subscriptions: people are told of them, and their next dates are kept right."""

from parley.analytics.subscriptions.actions import rescheduling
from parley.analytics.subscriptions.actions.notices import introduce_to_slack, send_notice
from parley.analytics.subscriptions.actions.telling import INTRODUCE, SEND_NOTICE
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, enqueue, job, on, work
from parley.kernel.network.webhook_messages import RETRIES_S
from parley.kernel.services import Services

REVIEW = "subscriptions.review_dates"


@work(INTRODUCE, retries_s=RETRIES_S[:3])
async def introduce_subscription(services: Services, work: Work) -> None:
    """Tell a channel of Slack that it gets a subscription from now on."""
    await introduce_to_slack(services, work)


@work(SEND_NOTICE, timeout_s=400)
async def send_subscription_notice(services: Services, work: Work) -> None:
    """Mail an invitation, or tell an owner what became of a subscription."""
    await send_notice(services, work)


@on("project.time_zone_changed", "subscriptions.follow_time_zone")
async def follow_time_zone(db: Db, services: Services, event: Event) -> None:
    """Compute the next dates of a project by its new clock."""
    await rescheduling.change_time_zone(db, services, event.project_id)


@on("clock.set_back", "subscriptions.look_at_dates_again")
async def look_at_dates_again(db: Db, _: Services, event: Event) -> None:
    """Have next dates mended that a clock has put too far ahead which was set back since."""
    await enqueue(db, REVIEW, {}, project_id=0)


@job("subscriptions.review", daily_at="02:20")
async def review_subscriptions(db: Db, _: Services) -> int:
    """Have next dates looked at that may have been computed under a wrong clock. Safe to run twice."""
    await enqueue(db, REVIEW, {}, project_id=0)
    return 1


@work(REVIEW, timeout_s=600)
async def review_next_dates(services: Services, _: Work) -> None:
    """Mend next dates that lie behind those that can be."""
    await rescheduling.review_dates(services)
