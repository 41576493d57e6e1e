"""Background work of deliveries: what is due begins, is made, and goes out."""

from datetime import timedelta

from parley.analytics.subscription_deliveries.actions.clearing import (
    ERASE_LETTERS,
    erase_letters,
    erase_letters_again,
    forget_letters,
    forget_old,
    forget_skipped,
    give_up_hung,
)
from parley.analytics.subscription_deliveries.actions.introducing import introduce_to_webhook
from parley.analytics.subscription_deliveries.actions.notices import send_notice
from parley.analytics.subscription_deliveries.actions.preparing import CALL, SEND_MAIL, prepare
from parley.analytics.subscription_deliveries.actions.rescheduling import change_time_zone, review_dates
from parley.analytics.subscription_deliveries.actions.sending import call_target, send_report
from parley.analytics.subscription_deliveries.actions.starting import PREPARE, start_all_due
from parley.analytics.subscription_deliveries.rules import CALL_RETRIES_S, MAIL_RETRIES_S, PREPARING_RETRIES_S
from parley.analytics.subscription_deliveries.shared_letters import FRESH_FOR
from parley.analytics.subscriptions.actions.telling import INTRODUCE, SEND_NOTICE
from parley.analytics.subscriptions.queries.due import is_any_due
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, enqueue, job, on, work
from parley.kernel.services import Services

START, FORGET_LETTERS = "subscription_deliveries.start_due", "subscription_deliveries.forget_letters"
REVIEW = "subscription_deliveries.review_dates"


@job("subscription_deliveries.look_for_due", every=timedelta(minutes=1))
async def look_for_due(db: Db, services: Services) -> int:
    """Have deliveries begun when a subscription is due. Safe to run twice."""
    if not await is_any_due(db, services.clock.now()):
        return 0
    await enqueue(db, START, {}, project_id=0)
    return 1


@work(START, timeout_s=300)
async def start_due_deliveries(services: Services, _: Work) -> None:
    """Begin one delivery for each date of a subscription that has come. After a crash it goes on where it was."""
    await start_all_due(services)


@work(PREPARE, retries_s=PREPARING_RETRIES_S)
async def prepare_delivery(services: Services, work: Work) -> None:
    """Make the report of one delivery, keep it, and have it sent to each recipient."""
    await prepare(services, work)


@work(SEND_MAIL, retries_s=MAIL_RETRIES_S, timeout_s=400)
async def send_report_mail(services: Services, work: Work) -> None:
    """Mail a report to one recipient. After a crash it may go out again, under the same Message-ID."""
    await send_report(services, work)


@work(CALL, retries_s=CALL_RETRIES_S)
async def call_target_of_report(services: Services, work: Work) -> None:
    """Post a report to Slack or a URL. After a crash it may be sent again, under the same `webhook-id`."""
    await call_target(services, work)


@work(INTRODUCE, retries_s=CALL_RETRIES_S[:3])
async def introduce_subscription(services: Services, work: Work) -> None:
    """Tell a channel of Slack that it gets a subscription from now on."""
    await introduce_to_webhook(services, work)


@work(SEND_NOTICE, timeout_s=400)
async def send_subscription_notice(services: Services, work: Work) -> None:
    """Mail an invitation, or tell an owner what became of a subscription."""
    await send_notice(services, work)


@job("subscription_deliveries.give_up_hung", every=timedelta(hours=1))
async def give_up_hung_deliveries(db: Db, services: Services) -> int:
    """End deliveries that have not got on for a day. Safe to run twice."""
    return await give_up_hung(db, services)


@job("subscription_deliveries.forget_old", daily_at="03:40", deletes=True)
async def forget_old_deliveries(db: Db, services: Services) -> int:
    """Delete deliveries that are older than 90 days, and ask for the removal of what was sent. Safe to run twice."""
    await enqueue(db, FORGET_LETTERS, {}, project_id=0)
    return await forget_old(db, services.clock.now())


@work(FORGET_LETTERS, timeout_s=600)
async def forget_old_letters(services: Services, _: Work) -> None:
    """Delete from the storage what was sent more than 30 days ago."""
    await forget_letters(services)


@work(ERASE_LETTERS, retries_s=PREPARING_RETRIES_S, timeout_s=600, ahead_s=2 * FRESH_FOR.total_seconds())
async def erase_kept_letters(services: Services, work: Work) -> None:
    """Delete the reports of a project after an erasure, and make those anew that are still to go out. Safe to run twice."""
    await erase_letters(services, work.project_id)
    if not work.payload:
        await erase_letters_again(services, work.project_id)


@on("clock.set_back", "subscription_deliveries.forget_skipped")
async def forget_skipped_deliveries(db: Db, services: Services, _: Event) -> None:
    """Delete what says that dates were skipped which are still to come, since the clock was set back."""
    await forget_skipped(db, services.clock.now())


@on("project.time_zone_changed", "subscription_deliveries.follow_time_zone")
async def follow_time_zone(db: Db, services: Services, event: Event) -> None:
    """Compute the next dates of a project by its new clock."""
    await change_time_zone(db, services, event.project_id)


@on("clock.set_back", "subscription_deliveries.look_at_dates_again")
async def look_at_dates_again(db: Db, _: Services, event: Event) -> None:
    """Have next dates mended that a clock has put too far ahead which was set back since."""
    await enqueue(db, REVIEW, {}, project_id=0)


@job("subscription_deliveries.review", daily_at="02:20")
async def review_subscriptions(db: Db, _: Services) -> int:
    """Have next dates looked at that may have been computed under a wrong clock. Safe to run twice."""
    await enqueue(db, REVIEW, {}, project_id=0)
    return 1


@work(REVIEW, timeout_s=600)
async def review_next_dates(services: Services, _: Work) -> None:
    """Mend next dates that lie behind those that can be."""
    await review_dates(services)
