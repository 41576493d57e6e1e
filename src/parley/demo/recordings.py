"""Believable session recordings: somebody clicks and types in a planner for some minutes, and something goes wrong."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import NAMESPACE_OID, uuid5

import msgspec

from parley.analytics.recordings.actions.storing import store_parts
from parley.analytics.recordings.schemas import OBJECT_KIND, Activity, NewBlock, NewPart, RecordingLimits
from parley.analytics.snapshots.gzip_members import packed
from parley.demo.recorded_page import (
    CUSTOM,
    INCREMENTAL,
    INPUT,
    META,
    MOUSE_INTERACTION,
    MOUSE_MOVE,
    PLUGIN,
    Json,
    RecordedPage,
)
from parley.kernel.services import Services
from parley.kernel.storage.keys import object_key

BATCH_MS, PAGE_MS = 10_000, 60_000
PAGES = ("boards", "calendar", "team", "settings", "billing", "exports")
WORDS = ("Call the printer", "Order new chairs", "Book the room", "Send the offer", "Plan the summer party")
LOGS = (
    ("log", "Saved"),
    ("log", "Loaded 42 items"),
    ("warn", "Slow answer"),
    ("error", "TypeError: plan is undefined"),
)
LIMITS = RecordingLimits(
    kept_days=30, recording_bytes=10**9, recording_hours=24, day_bytes=10**12, day_recordings=10**9
)


class RecordedBatch(msgspec.Struct, frozen=True):
    """What a recorder sends at once: events of rrweb from one window."""

    window_id: str
    events: list[Json]


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's session on a site."""

    session_id: str
    distinct_id: str
    start_at: datetime


def believable_batches(start_at: datetime, minutes: float, seed: int = 1) -> Iterator[RecordedBatch]:
    """Yield batches of a recording of so many minutes, one for each ten seconds; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - the same believable data each time, no secret
    page, window_id = RecordedPage(chance), f"window-{seed}"
    begin = round(start_at.timestamp() * 1000)
    end = begin + round(minutes * 60_000)
    for n, at in enumerate(range(begin, end, BATCH_MS)):
        is_new = (at - begin) % PAGE_MS == 0
        events = page.opened(PAGES[n * BATCH_MS // PAGE_MS % len(PAGES)], at) if is_new else []
        for step in range(200, min(BATCH_MS, end - at), 2000):
            events += _step(page, chance, at + step)
        yield RecordedBatch(window_id, sorted(events, key=lambda event: event["timestamp"]))


def _step(page: RecordedPage, chance: random.Random, at: int) -> list[Json]:
    """Return what somebody does in two seconds."""
    kind, text = chance.randrange(6), chance.choice(WORDS)
    if kind == 0:
        return [*page.moved(at), *page.typed(text[:8], at + 100)]
    if kind == 1:
        return [*page.moved(at), *page.clicked(at + 600), *page.added(text, at + 800)]
    if kind == 2:
        return page.scrolled(at)
    if kind == 3:
        return [*page.clicked(at), *page.logged(*chance.choice(LOGS), at + 50)]
    return page.moved(at)


async def store_recording(
    services: Services, project_id: int, visit: Visit, batches: Iterable[RecordedBatch]
) -> None:
    """Store batches as if a recorder had sent them, one after the other. Safe to repeat: the same ones are stored once."""
    for batch in batches:
        if not batch.events:
            continue
        block, content = _block_of(visit, batch)
        await services.storage.put(object_key(project_id, OBJECT_KIND, block.object_id), content)
        part = NewPart(
            session_id=visit.session_id, distinct_id=visit.distinct_id, snapshot_source="web", blocks=[block]
        )
        async with services.database.transaction() as db:
            await store_parts(db, project_id, [part], LIMITS, services.clock.now())


def _block_of(visit: Visit, batch: RecordedBatch) -> tuple[NewBlock, bytes]:
    lines = b"".join(msgspec.json.encode([batch.window_id, event]) + b"\n" for event in batch.events)
    content, digest = packed(lines), sha256(lines).digest()
    times = [event["timestamp"] for event in batch.events]
    urls = [event["data"]["href"] for event in batch.events if event["type"] == META]
    block = NewBlock(
        object_id=uuid5(NAMESPACE_OID, f"{visit.session_id} {digest.hex()}"),
        digest=digest,
        window_id=batch.window_id,
        start_at=_instant(min(times)),
        end_at=_instant(max(times)),
        size_bytes=len(content),
        n_events=len(batch.events),
        activity=_activity_of(batch.events),
        start_url=urls[0] if urls else None,
    )
    return block, content


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)


def _activity_of(events: list[Json]) -> Activity:
    def n(source: int) -> int:
        return sum(1 for one in events if one["type"] == INCREMENTAL and one["data"]["source"] == source)

    levels = [one["data"]["payload"]["level"] for one in events if one["type"] == PLUGIN]
    return Activity(
        active_ms=min(700 * sum(one["type"] not in (META, CUSTOM) for one in events), BATCH_MS * 4 // 5),
        click_count=n(MOUSE_INTERACTION),
        keypress_count=n(INPUT),
        mouse_activity_count=n(MOUSE_MOVE) + n(MOUSE_INTERACTION),
        console_log_count=levels.count("log"),
        console_warn_count=levels.count("warn"),
        console_error_count=levels.count("error"),
    )
