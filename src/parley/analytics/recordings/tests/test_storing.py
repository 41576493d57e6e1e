"""Batches of a recorder in the database: repeated, late and refused ones, and those of deleted recordings."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, update

from parley.analytics.recordings.actions import storing
from parley.analytics.recordings.actions.storing import note_limit, store_parts
from parley.analytics.recordings.errors import RecordingLimitReached
from parley.analytics.recordings.schemas import Activity, NewBlock, NewPart, RecordingLimits
from parley.analytics.recordings.tables import recording, recording_block, recording_usage
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid

LIMITS = RecordingLimits(
    kept_days=30, recording_bytes=100_000, recording_hours=24, day_bytes=150_000, day_recordings=2
)


@pytest.fixture
def now(clock):
    return clock.now()


def block(at, content=b"a", seconds=5, size=10_000, url=None):
    return NewBlock(
        object_id=new_uuid(),
        digest=sha256(content).digest(),
        window_id="w",
        start_at=at,
        end_at=at + timedelta(seconds=seconds),
        size_bytes=size,
        n_events=3,
        activity=Activity(active_ms=1000, click_count=2),
        start_url=url,
    )


async def store(services, project, *blocks, session_id="s", limits=LIMITS):
    part = NewPart(session_id=session_id, distinct_id="d", snapshot_source="web", blocks=blocks)
    async with services.database.transaction() as db:
        return await store_parts(db, project.id, [part], limits, services.clock.now())


async def stored(services, project, table=recording):
    async with services.database.transaction(write=False) as db:
        return (await db.execute(select(table).where(table.c.project_id == project.id))).all()


async def test_blocks_add_up_to_their_recording_in_any_order(services, project, now):
    assert await store(services, project, block(now, b"b", url="http://shop/b")) == []
    early = now - timedelta(seconds=60)
    assert await store(services, project, block(early, b"a", url="http://shop/a"), block(now, b"c")) == []
    [found] = await stored(services, project)
    assert (found.start_at, found.end_at) == (early, now + timedelta(seconds=5))
    assert (found.n_blocks, found.size_bytes, found.click_count, found.active_ms) == (3, 30_000, 6, 3000)
    assert (found.start_url, found.distinct_id) == ("http://shop/a", "d")
    assert found.expires_at == now + timedelta(days=30)
    blocks = await stored(services, project, recording_block)
    assert sorted((one.number, one.digest) for one in blocks) == [
        (number, sha256(content).digest()) for number, content in enumerate([b"b", b"a", b"c"])
    ]
    [day] = await stored(services, project, recording_usage)
    assert (day.n_recordings, day.size_bytes) == (1, 30_000)


async def test_what_comes_twice_is_kept_once(services, project, now):
    first = block(now)
    await store(services, project, first)
    again, twin = block(now), block(now)
    assert await store(services, project, again, twin, block(now, b"new")) == [again, twin]
    [found] = await stored(services, project)
    assert (found.n_blocks, found.click_count) == (2, 4)


async def test_the_day_is_counted_after_all_recordings(services, project, now, monkeypatch):
    """So that of two requests with some of the same sessions one waits for the other, and never both."""
    order = []
    rows = Db.rows

    async def watched(db, prepared, **values):
        order.append(values.get("session_id") or values.get("counted_on"))
        return await rows(db, prepared, **values)

    parts = [
        NewPart(session_id=one, distinct_id="d", snapshot_source="web", blocks=[block(now)]) for one in "ba"
    ]
    with monkeypatch.context() as patch:
        patch.setattr(Db, "rows", watched)
        async with services.database.transaction() as db:
            assert await store_parts(db, project.id, parts, LIMITS, now) == []
    assert [one for one in order if one is not None] == ["a", "b", now.date()]
    [day] = await stored(services, project, recording_usage)
    assert (day.n_recordings, day.size_bytes) == (2, 20_000)


async def test_a_deleted_recording_does_not_come_back(services, project, now):
    await store(services, project, block(now))
    async with services.database.transaction() as db:
        await db.execute(update(recording).where(recording.c.project_id == project.id).values(deleted_at=now))
    late = block(now, b"late")
    assert await store(services, project, late) == [late]
    assert len(await stored(services, project, recording_block)) == 1


@pytest.mark.parametrize(
    ("limit", "more"),
    [
        ("recording_bytes", {"size": 95_000}),
        ("recording_hours", {"seconds": 25 * 3600}),
        ("recording_blocks", {}),
        ("day_bytes", {"size": 70_000}),
        ("day_recordings", {}),
    ],
)
async def test_nothing_is_kept_that_would_pass_a_limit(services, project, now, limit, more, monkeypatch):
    if limit == "recording_blocks":
        monkeypatch.setattr(storing, "MOST_BLOCKS", 1)
    await store(services, project, block(now))
    await store(services, project, block(now, size=75_000), session_id="t")
    before = await stored(services, project)
    session_id = {"day_recordings": "new"}.get(limit, "s")
    with pytest.raises(RecordingLimitReached) as refused:
        await store(services, project, block(now, b"more", **more), session_id=session_id)
    assert refused.value.limit == limit
    assert await stored(services, project) == before


async def test_a_small_block_counts_as_what_it_takes_on_a_disk(services, project, now):
    await store(services, project, block(now, b"a", size=100), block(now, b"b", size=10_000))
    [found] = await stored(services, project)
    [day] = await stored(services, project, recording_usage)
    assert found.size_bytes == day.size_bytes == 4096 + 10_000
    blocks = await stored(services, project, recording_block)
    assert sorted(one.size_bytes for one in blocks) == [100, 10_000]


async def test_what_lies_outside_of_its_hours_is_left_out_and_ends_no_recording(services, project, now):
    hours = timedelta(hours=1)
    forged = [block(now - 23.9 * hours, b"old"), block(now + 24.1 * hours, b"new")]
    assert await store(services, project, block(now), *forged) == forged
    for one in forged:
        with pytest.raises(RecordingLimitReached):
            await store(services, project, one)
    late, last = block(now - 0.9 * hours, b"late"), block(now + 23.9 * hours, b"last")
    assert await store(services, project, late) == await store(services, project, last) == []
    [found] = await stored(services, project)
    assert (found.start_at, found.end_at, found.n_blocks) == (late.start_at, last.end_at, 3)
    assert found.expires_at == now + timedelta(days=30)


async def test_a_limit_that_was_reached_is_noted(services, project, now):
    for limit in ("day_bytes", "recording_hours"):
        async with services.database.transaction() as db:
            await note_limit(db, project.id, limit, now)
    [day] = await stored(services, project, recording_usage)
    assert (day.limit_reached, day.limited_at, day.n_recordings) == ("recording_hours", now, 0)
