"""Background work of ClickHouse. It never gives up, and says in `parley doctor` how far it lags behind."""

from datetime import timedelta
from time import monotonic

import msgspec

from parley.kernel.clickhouse.errors import EventsAway, StatementRefused, StatementStopped
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, enqueue, is_waiting, job, on, work
from parley.kernel.services import Services
from parley.people.clickhouse.actions.erasing import delete_erased, delete_project
from parley.people.clickhouse.actions.older import note_older
from parley.people.clickhouse.actions.shipping import make_tables, ship_next
from parley.people.shipments.actions import ERASED, Erased, forget_everything, note_outcome
from parley.people.shipments.queries import next_incomplete, next_shipments

SHIP, ERASE = "clickhouse.ship", "clickhouse.erase"
RUN_S = 60.0
TRY_AGAIN_AFTER = timedelta(minutes=1)
LOOK_AGAIN_AFTER = timedelta(minutes=20)
"""Longer than a shipment may be on its way (`timeout_s` of SHIP) that was read before something was erased."""
AHEAD_S = LOOK_AGAIN_AFTER.total_seconds()


@job("clickhouse.call_for_shipping", every=timedelta(seconds=10))
async def call_for_shipping(db: Db, services: Services) -> int:
    """Have shipped what waits, unless that is being done. Where ClickHouse isn't used, forget what once was to go there."""
    if not db.ships_events:
        return await forget_everything(db)
    waits = await next_shipments(db, 1) or await next_incomplete(db)
    if not waits or await is_waiting(db, SHIP, project_id=0):
        return 0
    await enqueue(db, SHIP, {}, project_id=0)
    return 1


@work(SHIP, timeout_s=600)
async def ship(services: Services, work: Work) -> None:
    """Send to ClickHouse what waits. While it is away, nothing is lost, and the next work tries again."""
    clickhouse = services.clickhouse
    until = monotonic() + RUN_S
    if clickhouse is None:
        return
    try:
        await make_tables(clickhouse)
        while not work.stopping.is_set() and monotonic() < until:
            async with work.turns, services.database.transaction() as db:
                is_older = await note_older(db, services.clock.now())
            if not (await ship_next(services, clickhouse) or is_older):
                return
    except (EventsAway, StatementRefused, StatementStopped) as error:
        reason = error.reason if isinstance(error, EventsAway) else str(error)
        async with services.database.transaction() as db:
            await note_outcome(db, reason, services.clock.now())


@on(ERASED, "clickhouse.erase_shipped")
async def erase_shipped(db: Db, services: Services, event: Event) -> None:
    """Have deleted in ClickHouse what was erased here; and again later, for what was on its way there."""
    await _enqueue_twice(db, services, event.payload)


@on("project.deleted", "clickhouse.erase_project")
async def erase_project(db: Db, services: Services, event: Event) -> None:
    """Have everything of a deleted project deleted in ClickHouse; and again later, for what was on its way there."""
    await _enqueue_twice(db, services, {"deleted_project": event.payload["project_id"]})


async def _enqueue_twice(db: Db, services: Services, payload: dict[str, object]) -> None:
    if not db.ships_events:
        return
    await enqueue(db, ERASE, payload, project_id=0)
    later = services.clock.now() + LOOK_AGAIN_AFTER
    await enqueue(db, ERASE, payload, project_id=0, not_before=later)


@work(ERASE, timeout_s=3600, ahead_s=AHEAD_S)
async def erase(services: Services, work: Work) -> None:
    """Delete in ClickHouse what was erased here, however long it is away. Safe to repeat."""
    if services.clickhouse is None:
        return
    try:
        await make_tables(services.clickhouse)
        if "deleted_project" in work.payload:
            await delete_project(services.clickhouse, work.payload["deleted_project"])
        else:
            await delete_erased(services.clickhouse, msgspec.convert(work.payload, Erased))
    except EventsAway:
        later = services.clock.now() + TRY_AGAIN_AFTER
        async with services.database.transaction() as db:
            await enqueue(db, ERASE, work.payload, project_id=0, not_before=later)
