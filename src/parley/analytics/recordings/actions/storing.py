"""Batches of a recorder become blocks of a recording, whose row says what all of them come to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from parley.analytics.recordings.errors import RecordingLimitReached
from parley.analytics.recordings.queries.storing import first_start, stored_digests
from parley.analytics.recordings.rules.figures import counted_bytes, is_within
from parley.analytics.recordings.schemas import Activity, NewBlock, NewPart, RecordingLimits
from parley.analytics.recordings.tables import recording, recording_block, recording_usage
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

KEY = [recording.c.project_id, recording.c.session_id]
COUNTERS = Activity.__struct_fields__
MOST_BLOCKS = 30_000
"""A recorder sends a batch every two seconds at the most, and none while nothing happens: 16 hours without a pause."""


class _Whole(msgspec.Struct, frozen=True):
    """What the locked row of a recording says of all its blocks."""

    start_at: datetime
    end_at: datetime
    start_url: str | None
    n_blocks: int
    size_bytes: int
    deleted_at: datetime | None


_WHOLE = StructColumns(_Whole, recording)


def _locking(dialect: Any) -> Prepared:
    row = dialect.insert(recording).values({column.key: bindparam(column.key) for column in recording.c})
    seen = {"last_seen_at": row.excluded.last_seen_at}
    return Prepared(row.on_conflict_do_update(index_elements=KEY, set_=seen).returning(*_WHOLE.columns))


def _counting(dialect: Any) -> Prepared:
    c = recording_usage.c
    row = dialect.insert(recording_usage).values(
        {name: bindparam(name) for name in ("project_id", "counted_on", "n_recordings", "size_bytes")}
    )
    more = {name: c[name] + row.excluded[name] for name in ("n_recordings", "size_bytes")}
    day = [c.project_id, c.counted_on]
    return Prepared(
        row.on_conflict_do_update(index_elements=day, set_=more).returning(c.n_recordings, c.size_bytes)
    )


_LOCK = {"postgresql": _locking(postgresql), "sqlite": _locking(sqlite)}
_COUNT = {"postgresql": _counting(postgresql), "sqlite": _counting(sqlite)}
_ADD_BLOCK = Prepared(
    insert(recording_block).values({column.key: bindparam(column.key) for column in recording_block.c})
)
_GROW = Prepared(
    update(recording)
    .where(*(column == bindparam(f"of_{column.key}") for column in KEY))
    .values(
        {name: bindparam(name) for name in ("start_at", "end_at", "start_url", "n_blocks", "size_bytes")}
        | {name: recording.c[name] + bindparam(f"more_{name}") for name in COUNTERS}
    )
)


async def store_parts(
    db: Db, project_id: int, parts: Sequence[NewPart], limits: RecordingLimits, now: datetime
) -> list[NewBlock]:
    """Add the blocks to their recordings; return those that were not kept, whose objects are to be deleted.

    Not kept is what is there already, what lies outside of the hours of its recording, and all of one that was deleted.
    Safe to repeat. Raises RecordingLimitReached. The rows of the recordings stay locked until the commit, in the order of
    their ids, and after all of them that of the day: so requests never wait for each other crosswise.
    """
    kept: list[NewBlock] = []
    n_recordings = 0
    for part in sorted(parts, key=lambda one: one.session_id):
        new, is_first = await _store_part(db, project_id, part, limits, now)
        kept += new
        n_recordings += is_first
    if kept:
        await _count_day(db, project_id, n_recordings, kept, limits, now)
    ids = {block.object_id for block in kept}
    return [block for part in parts for block in part.blocks if block.object_id not in ids]


async def _store_part(
    db: Db, project_id: int, part: NewPart, limits: RecordingLimits, now: datetime
) -> tuple[list[NewBlock], bool]:
    """Return which blocks were kept, and whether they are the first ones of their recording."""
    whole = _WHOLE((await db.rows(_LOCK[db.dialect.name], **_first_row(project_id, part, limits, now)))[0])
    new = [] if whole.deleted_at is not None else await _new_blocks(db, project_id, part)
    if new:
        new = await _within_hours(db, project_id, part.session_id, whole, new, limits)
        _check_limits(whole, new, limits)
        await _add(db, project_id, part.session_id, whole, new)
    return new, bool(new) and whole.n_blocks == 0


def _first_row(project_id: int, part: NewPart, limits: RecordingLimits, now: datetime) -> dict[str, Any]:
    """Return the row for a recording that is not there yet, without its blocks."""
    start_at = part.blocks[0].start_at
    return {
        **dict.fromkeys(COUNTERS, 0),
        "project_id": project_id,
        "session_id": part.session_id,
        "distinct_id": part.distinct_id,
        "start_at": start_at,
        "end_at": part.blocks[0].end_at,
        "start_url": None,
        "snapshot_source": part.snapshot_source,
        "n_blocks": 0,
        "size_bytes": 0,
        "first_seen_at": now,
        "last_seen_at": now,
        "expires_at": start_at + timedelta(days=limits.kept_days),
        "is_pinned": False,
        "deleted_at": None,
    }


async def _new_blocks(db: Db, project_id: int, part: NewPart) -> list[NewBlock]:
    """Return the blocks that the recording doesn't have, each once."""
    by_digest = {block.digest: block for block in reversed(part.blocks)}
    there = await stored_digests(db, project_id, part.session_id, list(by_digest))
    return [block for block in part.blocks if block.digest not in there and by_digest[block.digest] is block]


async def _within_hours(
    db: Db, project_id: int, session_id: str, whole: _Whole, new: list[NewBlock], limits: RecordingLimits
) -> list[NewBlock]:
    """Return the blocks in the hours of the recording; raises RecordingLimitReached where there are none.

    These hours begin with the block that came first. So nobody who adds a block of other times ends a recording.
    """
    latest_at = whole.start_at + timedelta(hours=limits.recording_hours)
    if whole.n_blocks == 0:
        first_at = new[0].start_at
    elif all(whole.start_at <= block.start_at and block.end_at <= latest_at for block in new):
        return new
    else:
        first_at = await first_start(db, project_id, session_id)
    hours = limits.recording_hours
    within = [block for block in new if is_within(block.start_at, block.end_at, first_at, hours)]
    if not within:
        raise RecordingLimitReached("recording_hours")
    return within


def _check_limits(whole: _Whole, new: Sequence[NewBlock], limits: RecordingLimits) -> None:
    if whole.size_bytes + _counted(new) > limits.recording_bytes:
        raise RecordingLimitReached("recording_bytes")
    if whole.n_blocks + len(new) > MOST_BLOCKS:
        raise RecordingLimitReached("recording_blocks")


def _counted(blocks: Sequence[NewBlock]) -> int:
    return sum(counted_bytes(block.size_bytes) for block in blocks)


async def _add(db: Db, project_id: int, session_id: str, whole: _Whole, new: Sequence[NewBlock]) -> None:
    key = {"project_id": project_id, "session_id": session_id}
    await db.each(
        _ADD_BLOCK,
        [
            {**key, "number": number, **{name: getattr(block, name) for name in _OWN}}
            for number, block in enumerate(new, whole.n_blocks)
        ],
    )
    more = {f"more_{name}": sum(getattr(block.activity, name) for block in new) for name in COUNTERS}
    first = min(new, key=lambda block: block.start_at)
    is_earlier = first.start_at < whole.start_at and first.start_url is not None
    await db.rows(
        _GROW,
        **{f"of_{name}": value for name, value in key.items()},
        start_at=min(whole.start_at, first.start_at),
        end_at=max(whole.end_at, *(block.end_at for block in new)),
        start_url=first.start_url if is_earlier or whole.start_url is None else whole.start_url,
        n_blocks=whole.n_blocks + len(new),
        size_bytes=whole.size_bytes + _counted(new),
        **more,
    )


_OWN = ("digest", "window_id", "start_at", "end_at", "object_id", "size_bytes", "n_events")


async def _count_day(
    db: Db,
    project_id: int,
    n_recordings: int,
    new: Sequence[NewBlock],
    limits: RecordingLimits,
    now: datetime,
) -> None:
    size_bytes = _counted(new)
    day = {"project_id": project_id, "counted_on": now.date()}
    counted = await db.rows(_COUNT[db.dialect.name], **day, n_recordings=n_recordings, size_bytes=size_bytes)
    if n_recordings and counted[0][0] > limits.day_recordings:
        raise RecordingLimitReached("day_recordings")
    if counted[0][1] > limits.day_bytes:
        raise RecordingLimitReached("day_bytes")


async def note_limit(db: Db, project_id: int, limit: str, now: datetime) -> None:
    """Note that a limit was reached, for those who look at the settings of the project."""
    today = now.date()
    nothing = {"counted_on": today, "n_recordings": 0, "size_bytes": 0}
    await db.rows(_COUNT[db.dialect.name], project_id=project_id, **nothing)
    await db.rows(_LIMITED, of_project_id=project_id, of_day=today, limit_reached=limit, limited_at=now)


_LIMITED = Prepared(
    update(recording_usage)
    .where(
        recording_usage.c.project_id == bindparam("of_project_id"),
        recording_usage.c.counted_on == bindparam("of_day"),
    )
    .values(limit_reached=bindparam("limit_reached"), limited_at=bindparam("limited_at"))
)
