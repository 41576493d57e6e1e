"""Next dates computed anew: after a change of the time zone, and where a clock was wrong."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from parley.analytics.subscriptions.actions.subscriptions import set_next_date
from parley.analytics.subscriptions.queries.live import live_after
from parley.analytics.subscriptions.rules import schedules
from parley.analytics.subscriptions.rules.limits import BUFFER
from parley.analytics.subscriptions.rules.recurrence import next_occurrence
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone

BATCH = 500


async def change_time_zone(db: Db, services: Services, project_id: int) -> None:
    """Compute all next dates of a project by its clock of now. Safe to run twice."""
    now = services.clock.now()
    for row in await live_after(db, (project_id, 0), limit=100_000, project_id=project_id):
        rule = schedules.rule_of(row._mapping)
        await set_next_date(
            db, row.project_id, row.id, schedules.first_date(rule, zone(row.timezone), now), now + BUFFER
        )


async def review_dates(services: Services) -> int:
    """Mend next dates that a wrong clock has put too far ahead; return how many. Safe to run twice."""
    key, mended = (0, 0), 0
    while True:
        async with services.database.transaction() as db:
            rows = await live_after(db, key, BATCH)
            mended += sum([await _mend(db, row, services.clock.now()) for row in rows])
        if len(rows) < BATCH:
            return mended
        key = (rows[-1].project_id, rows[-1].id)


async def _mend(db: Db, row: Row[Any], now: datetime) -> bool:
    rule, where, at = schedules.rule_of(row._mapping), zone(row.timezone), row.next_delivery_date
    latest = next_occurrence(rule, where, max(now, min(row.counts_from, now + BUFFER)))
    if latest is None or (at is not None and at <= latest):
        return False
    mended = schedules.date_again(rule, where, row.counts_from, now)
    await set_next_date(db, row.project_id, row.id, mended, min(row.counts_from, now))
    return True
