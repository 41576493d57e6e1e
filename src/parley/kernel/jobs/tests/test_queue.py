"""The queue on both databases, drained by hand: events, work, failures and jobs."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from structlog.testing import capture_logs

from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.jobs import (
    Event,
    Work,
    background_failures,
    emit,
    enqueue,
    job_schedule,
    outbox,
    revive,
)
from parley.kernel.jobs.registry import RETRIES_S
from parley.kernel.jobs.relay import NEXT_DUE
from parley.kernel.jobs.tests.queue_program import effect
from parley.kernel.jobs.tests.queue_world import World, new_world
from parley.kernel.jobs.times import Every
from parley.kernel.network.mail import MailRefused
from parley.kernel.network.smtp import NoAnswer
from parley.kernel.services import Services


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with new_world(request.param, tmp_path) as world:
        yield world


def write_on(world: World, event: str, who: str) -> None:
    """Register a handler that leaves a row in `effect`."""

    @world.registry.on(event, who)
    async def write(db: Db, _: Services, event: Event) -> None:
        await db.execute(insert(effect).values(who=who, number=event.payload["number"]))


async def test_each_handler_gets_an_event_once(world):
    write_on(world, "thing.happened", "one")
    write_on(world, "thing.happened", "two")
    for number in range(60):
        await world.emit("thing.happened", {"number": number})
    assert await world.queue().drain() == 60
    assert await world.queue().drain() == 0
    assert await world.effects() == [(who, number) for who in ("one", "two") for number in range(60)]


async def test_events_are_handled_in_the_order_they_were_emitted_in(world):
    seen = []

    @world.registry.on("thing.happened", "things.see")
    async def see(db: Db, _: Services, event: Event) -> None:
        seen.append(event.payload["number"])

    for number in range(30):
        await world.emit("thing.happened", {"number": number})
    await world.queue().drain()
    assert seen == list(range(30))


async def test_a_rolled_back_transaction_causes_nothing(world):
    write_on(world, "thing.happened", "one")
    with pytest.raises(ZeroDivisionError):
        async with world.database.transaction() as db:
            await emit(db, "thing.happened", {"number": 1}, project_id=1)
            await enqueue(db, "things.tell", {"number": 1}, project_id=1)
            raise ZeroDivisionError
    assert await world.queue().drain() == 0
    assert await world.effects() == []


async def test_an_event_that_nobody_handles_leaves_the_outbox(world):
    await world.emit("tree.fell", {"where": "forest"})
    await world.queue().drain()
    assert await world.rows_left() == 0


async def test_a_row_waits_for_its_time(world):
    write_on(world, "thing.happened", "one")
    later = world.clock.now() + timedelta(minutes=5)
    await world.emit("thing.happened", {"number": 1}, not_before=later)
    await world.queue().drain()
    assert await world.effects() == []
    world.clock.advance(timedelta(minutes=5))
    await world.queue().drain()
    assert await world.effects() == [("one", 1)]


async def test_a_handler_that_fails_leaves_no_trace_and_holds_up_no_other(world):
    @world.registry.on("thing.happened", "things.fail_on_one")
    async def fail_on_one(db: Db, _: Services, event: Event) -> None:
        await db.execute(insert(effect).values(who="bad", number=event.payload["number"]))
        if event.payload["number"] == 1 and event.attempts < 2:
            # Not to be taken for trouble with the database's connection.
            raise ConnectionRefusedError("by another program")

    write_on(world, "thing.happened", "good")
    for number in range(3):
        await world.emit("thing.happened", {"number": number})
    await world.queue().drain()
    assert await world.effects() == [("bad", 0), ("bad", 2), ("good", 0), ("good", 1), ("good", 2)]
    for pause_s in RETRIES_S[:2]:
        world.clock.advance(timedelta(seconds=pause_s))
        await world.queue().drain()
    assert ("bad", 1) in await world.effects()
    assert len(await world.effects()) == 6
    assert await world.rows_left() == 0


async def test_what_keeps_failing_is_given_up_and_can_be_revived(world):
    broken = True

    @world.registry.on("thing.happened", "things.fail")
    async def fail(db: Db, _: Services, event: Event) -> None:
        if broken:
            raise ValueError("out of order")

    await world.emit("thing.happened", {"number": 1})
    for _ in range(len(RETRIES_S) + 2):
        await world.queue().drain()
        world.clock.advance(timedelta(days=1))
    async with world.database.transaction() as db:
        [trouble] = await background_failures(db)
        assert (trouble.name, trouble.failures) == ("thing.happened", len(RETRIES_S) + 1)
        assert str(trouble).endswith("failed 9 times; the last error was: ValueError: out of order")
        assert trouble.id is not None
        assert await revive(db, [1], trouble.id)
        assert not await revive(db, [1], trouble.id)
    broken = False
    await world.queue().drain()
    assert await world.rows_left() == 0


async def test_two_processes_handle_no_event_twice(world):
    write_on(world, "thing.happened", "one")
    for number in range(120):
        await world.emit("thing.happened", {"number": number})
    await asyncio.gather(*(world.queue().drain() for _ in range(3)))
    await world.queue().drain()
    assert await world.effects() == [("one", number) for number in range(120)]


async def test_a_handler_may_ask_for_work_and_work_runs_outside_any_transaction(world):
    calls = []

    @world.registry.on("thing.happened", "things.ask")
    async def ask(db: Db, _: Services, event: Event) -> None:
        await enqueue(db, "things.tell", event.payload, project_id=event.project_id)

    @world.registry.work("things.tell")
    async def tell(services: Services, work: Work) -> None:
        async with services.database.transaction() as db:
            await db.execute(insert(effect).values(who="tell", number=work.payload["number"]))
        calls.append((work.project_id, services.settings.data_dir))

    await world.emit("thing.happened", {"number": 7}, project_id=3)
    assert await world.queue().drain() == 2
    assert calls == [(3, world.folder)]
    assert await world.effects() == [("tell", 7)]
    assert await world.rows_left() == 0


async def test_work_that_fails_is_put_off_and_then_given_up(world):
    tries = []

    @world.registry.work("things.tell", retries_s=(10,), timeout_s=0.01)
    async def tell(services: Services, work: Work) -> None:
        tries.append(work.attempts)
        await asyncio.sleep(30)

    await world.enqueue("things.tell", {})
    for _ in range(4):
        await world.queue().drain()
        world.clock.advance(timedelta(seconds=10))
    assert tries == [0, 1]
    async with world.database.transaction() as db:
        assert [trouble.name for trouble in await background_failures(db)] == ["things.tell"]


@pytest.mark.parametrize(
    ("error", "has_traceback"),
    [
        (NoAnswer("No space left on device", is_away=True), False),
        (MailRefused("550 Unknown"), False),
        (Unavailable(), False),
        (ValueError("a fault of ours"), True),
    ],
)
async def test_a_traceback_is_logged_of_faults_only(world, error, has_traceback):
    @world.registry.work("things.tell")
    async def tell(services: Services, work: Work) -> None:
        raise error

    await world.enqueue("things.tell", {})
    with capture_logs() as logs:
        await world.queue().drain()
    [line] = [one for one in logs if one["event"] == "work_failed"]
    assert (line["log_level"], line["exc_info"]) == ("warning", has_traceback)
    assert line["error"].startswith(type(error).__name__)


async def test_work_without_a_function_stays_visible(world):
    await world.enqueue("things.unknown", {})
    await world.queue().drain()
    [(error,)] = await world.read(select(outbox.c.last_error))
    assert error == "NoHandler: nothing does the work things.unknown"


async def test_a_job_runs_once_for_each_time_however_many_processes_there_are(world):
    runs = []

    @world.registry.job("things.count", every=timedelta(minutes=1))
    async def count(db: Db, services: Services) -> int:
        runs.append(services.clock.now())
        return 1

    queues = [world.queue() for _ in range(3)]
    for queue in queues:
        await queue._schedule.prepare()
    for seconds in (0, 10, 20, 10):
        world.clock.advance(timedelta(seconds=seconds))
        await asyncio.gather(*(queue._schedule.run_due() for queue in queues))
    # The first run is at once, later ones at whole minutes.
    assert [run.strftime("%H:%M:%S") for run in runs] == ["12:00:30", "12:01:00"]
    assert await queues[0].run_job("things.count") == 1


async def test_a_job_that_fails_changes_nothing_and_is_tried_again_soon(world):
    tries: list[datetime] = []

    @world.registry.job("things.count", every=timedelta(days=1))
    async def count(db: Db, services: Services) -> int:
        await db.execute(insert(effect).values(who="count", number=len(tries)))
        tries.append(services.clock.now())
        if len(tries) == 1:
            raise ValueError("miscounted")
        return 1

    schedule = world.queue()._schedule
    await schedule.prepare()
    await schedule.run_due()
    async with world.database.transaction() as db:
        assert [str(trouble) for trouble in await background_failures(db)] == [
            "The job things.count failed 1 times; the last error was: ValueError: miscounted"
        ]
    world.clock.advance(timedelta(seconds=RETRIES_S[1]))
    await schedule.run_due()
    assert await world.effects() == [("count", 1)]
    assert await world.read(select(job_schedule.c.failures)) == [(0,)]


async def test_finding_what_is_due_uses_the_index(world):
    later = world.clock.now() + timedelta(days=1)
    async with world.database.transaction() as db:
        for number in range(300):
            await emit(db, "thing.happened", {"number": number}, project_id=1, not_before=later)
        if db.dialect.name == "postgresql":
            await db.execute(text("ANALYZE outbox"))
        explain = "EXPLAIN" if db.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        statements: list[Any] = [NEXT_DUE.statement, world.queue()._event_runner._due().limit(50)]
        for statement in statements:
            sql = statement.compile(dialect=db.dialect, compile_kwargs={"literal_binds": True})
            plan = str((await db.execute(text(f"{explain} {sql}"))).all())
            assert "ix_outbox_due" in plan
            assert not re.search("Seq Scan|SCAN outbox$|Sort|TEMP B-TREE", plan)


@pytest.mark.parametrize(
    ("now", "every", "next_at"),
    [
        ("12:00:30", timedelta(minutes=1), "12:01:00"),
        ("12:00:00", timedelta(minutes=1), "12:01:00"),
        ("12:00:30", timedelta(hours=1), "13:00:00"),
        ("12:00:30", timedelta(days=1), "00:00:00"),
    ],
)
def test_runs_are_at_whole_multiples(now, every, next_at):
    moment = datetime.fromisoformat(f"2026-01-05T{now}+00:00")
    assert Every(every).next_after(moment).strftime("%H:%M:%S") == next_at
