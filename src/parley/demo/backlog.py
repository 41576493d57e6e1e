"""The daily counts of the demo's unresolved tickets, as the clock would have stored them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from parley.conversations.backlog_counts.rules import AGES, DAY, DISTINCT_ID, EVENT
from parley.demo.queries import lives_of
from parley.demo.stage import Stage
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.network.emails import normal_email
from parley.people.events.actions import InternalEvent, store_internal_events

COUNTED_AT_HOUR = 23
"""In UTC, as `tickets.count_backlogs` does."""


async def store_backlogs(db: Db, stage: Stage) -> None:
    """Store how many tickets were unresolved at the end of each day; a day without any has no event."""
    project_id = stage.project.id
    by_mail = [normal_email(customer.properties["email"]) for customer in stage.customers]
    known = [customer.distinct_id for customer in stage.customers]
    lives = await lives_of(db, project_id, [*known, *by_mail])
    if not lives:
        return
    events = []
    for at in _evenings(min(one.opened_at for one in lives), stage.now):
        ages = [
            at - one.opened_at
            for one in lives
            if one.opened_at <= at and (one.resolved_at is None or one.resolved_at > at)
        ]
        if ages:
            counts = {"backlog_count": len(ages), **_by_age(ages)}
            events.append(
                InternalEvent(
                    project_id=project_id,
                    id=new_uuid(),
                    event=EVENT,
                    distinct_id=DISTINCT_ID,
                    properties=counts,
                    timestamp=at,
                )
            )
    await store_internal_events(db, events)


def _evenings(since: datetime, now: datetime) -> Iterator[datetime]:
    at = since.replace(hour=COUNTED_AT_HOUR, minute=0, second=0, microsecond=0)
    while at < now:
        yield at
        at += DAY


def _by_age(ages: Sequence[timedelta]) -> dict[str, int]:
    return {
        name: sum(from_ <= age and (below is None or age < below) for age in ages)
        for name, (from_, below) in AGES.items()
    }
