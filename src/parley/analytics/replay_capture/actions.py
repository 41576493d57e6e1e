"""Batches are kept: first their objects are stored, then all rows in one transaction; durable when it returns."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from parley.accounts.projects.recording_settings import recording_settings_of
from parley.analytics.recordings.actions.storing import MOST_BLOCKS, note_limit, store_parts
from parley.analytics.recordings.errors import RecordingLimitReached
from parley.analytics.recordings.rules.figures import counted_bytes, is_within
from parley.analytics.recordings.schemas import OBJECT_KIND, NewBlock, NewPart, RecordingLimits
from parley.analytics.replay_capture.queries import Known, known_of
from parley.analytics.replay_capture.rules.batches import Snapshot, covered
from parley.analytics.replay_capture.rules.limits import limits_of
from parley.kernel.database.error_translation import is_reference_missing
from parley.kernel.database.retries import call_again
from parley.kernel.errors import Throttled
from parley.kernel.http.authorization import Project
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services
from parley.kernel.storage.errors import StorageAway
from parley.kernel.storage.keys import object_key
from parley.kernel.throttle import MINUTE_S, Count, Limit, counted_for

log = structlog.get_logger(__name__)

PATIENCE_S = 10
"""So long an object of a few megabytes may take; a recorder that gets no answer sends it again, which must not pile up."""
NOTED_EVERY = timedelta(minutes=1)
NEW_OF_ADDRESS = Limit("replay-new-recordings", 100, 10 * MINUTE_S)
"""So many recordings may begin from an address: enough for a large office, which waits for ten minutes at the most."""

OUTSIDE = "recording_hours"

Parts = dict[str, list[tuple[Snapshot, NewBlock]]]


async def keep(services: Services, project: Project, snapshots: Sequence[Snapshot], address: str) -> bool:
    """Keep the batches that are new; say False where a limit of the project or the address doesn't let them in.

    Safe to repeat: a recorder that got no answer sends the same again. Raises StorageAway and Unavailable, after
    which the recorder must not hear that they are kept. Batches of a project that was deleted meanwhile are dropped.
    """
    now = services.clock.now()
    limits = limits_of(recording_settings_of(project.recording_settings))
    objects = _Objects()
    counts: list[Count] = []
    try:
        wanted, n_new = await _wanted(services, project.id, snapshots, limits, now)
        counts = await _count_new(services, address, n_new)
        stored: Parts = {}
        for snapshot in wanted:
            block = await _put(services, project.id, snapshot, now, objects)
            stored.setdefault(snapshot.session_id, []).append((snapshot, block))
        if stored:
            unkept = await call_again(partial(_store, services, project.id, stored, limits, now, objects))
            await _delete(services, project.id, [block.object_id for block in unkept])
    except Exception as error:
        if not objects.may_be_named:
            await _delete(services, project.id, objects.ids)
            await services.throttles.take_back(counts)  # what is sent again counts then
        if isinstance(error, RecordingLimitReached):
            log.info("recording_limit_reached", project_id=project.id, limit=error.limit)
            return False
        if not is_reference_missing(error):
            raise
        log.info("recording_of_deleted_project", project_id=project.id)
    return True


class _Objects:
    """The objects of a request. Rows may name them from the moment at which a transaction is to be committed."""

    def __init__(self) -> None:
        self.ids: list[UUID] = []
        self.may_be_named = False


async def _wanted(
    services: Services,
    project_id: int,
    snapshots: Sequence[Snapshot],
    limits: RecordingLimits,
    now: datetime,
) -> tuple[list[Snapshot], int]:
    """Return the batches that may have to be stored, and how many recordings begin with them.

    Raises RecordingLimitReached, so that nothing is put for nothing.

    A batch outside of the hours of its recording is left out, and the others come in.
    """
    wanted: list[Snapshot] = []
    new_sessions: set[str] = set()
    left_out = None
    for snapshot in snapshots:
        known = await known_of(
            services.database, project_id, snapshot.session_id, snapshot.digest, now.date()
        )
        if known.has_digest or known.deleted_at is not None:
            continue
        limit = _passed_limit(known, snapshot, wanted, limits, now)
        if limit is None:
            if known.recording_bytes is None:
                new_sessions.add(snapshot.session_id)
            wanted.append(snapshot)
            continue
        await _note(services, project_id, known, limit, now)
        if limit != OUTSIDE:
            raise RecordingLimitReached(limit)
        left_out = limit
    if left_out is not None and not wanted:
        raise RecordingLimitReached(left_out)
    return wanted, len(new_sessions)


async def _note(services: Services, project_id: int, known: Known, limit: str, now: datetime) -> None:
    if known.limited_at is None or now - known.limited_at > NOTED_EVERY:
        async with services.database.transaction() as db:
            await note_limit(db, project_id, limit, now)


async def _count_new(services: Services, address: str, n: int) -> list[Count]:
    """Count recordings that begin for their address, before they take from what all visitors of the project share."""
    if n == 0 or not services.settings.limits_public:
        return []
    try:
        return await services.throttles.hit(*counted_for(address, NEW_OF_ADDRESS) * n)
    except Throttled as error:
        raise RecordingLimitReached("new_recordings_of_address") from error


def _passed_limit(
    known: Known, snapshot: Snapshot, before: Sequence[Snapshot], limits: RecordingLimits, now: datetime
) -> str | None:
    """Return which limit the batch would pass behind those before it in its request; None where it fits in."""
    of_same = [one for one in before if one.session_id == snapshot.session_id]
    if known.recording_bytes is None and (known.day_recordings or 0) >= limits.day_recordings:
        return "day_recordings"
    if (known.day_bytes or 0) + _counted([*before, snapshot]) > limits.day_bytes:
        return "day_bytes"
    if (known.recording_bytes or 0) + _counted([*of_same, snapshot]) > limits.recording_bytes:
        return "recording_bytes"
    if (known.n_blocks or 0) + len(of_same) >= MOST_BLOCKS:
        return "recording_blocks"
    start_at, end_at = covered(snapshot.start_ms, snapshot.end_ms, now)
    first_at = known.first_at
    if first_at is None:
        first_at = covered(of_same[0].start_ms, of_same[0].end_ms, now)[0] if of_same else start_at
    return None if is_within(start_at, end_at, first_at, limits.recording_hours) else OUTSIDE


def _counted(snapshots: Sequence[Snapshot]) -> int:
    return sum(counted_bytes(len(one.content)) for one in snapshots)


async def _put(
    services: Services, project_id: int, snapshot: Snapshot, now: datetime, objects: _Objects
) -> NewBlock:
    object_id = new_uuid()
    objects.ids.append(object_id)  # a put that fails may have stored it
    try:
        async with asyncio.timeout(PATIENCE_S):
            await services.storage.put(object_key(project_id, OBJECT_KIND, object_id), snapshot.content)
    except TimeoutError as error:
        raise StorageAway from error
    start_at, end_at = covered(snapshot.start_ms, snapshot.end_ms, now)
    return NewBlock(
        object_id=object_id,
        digest=snapshot.digest,
        window_id=snapshot.window_id,
        start_at=start_at,
        end_at=end_at,
        size_bytes=len(snapshot.content),
        n_events=snapshot.n_events,
        activity=snapshot.activity,
        start_url=snapshot.start_url,
    )


async def _store(
    services: Services,
    project_id: int,
    stored: Parts,
    limits: RecordingLimits,
    now: datetime,
    objects: _Objects,
) -> list[NewBlock]:
    objects.may_be_named = False
    parts = [
        NewPart(
            session_id=session_id,
            distinct_id=batches[0][0].distinct_id,
            snapshot_source=batches[0][0].snapshot_source,
            blocks=[block for _, block in batches],
        )
        for session_id, batches in stored.items()
    ]
    async with services.database.transaction() as db:
        unkept = await store_parts(db, project_id, parts, limits, now)
        objects.may_be_named = True
    return unkept


async def _delete(services: Services, project_id: int, object_ids: Sequence[UUID]) -> None:
    """Delete objects that no row names; what can't be deleted now is found by the daily job."""
    with suppress(StorageAway, TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            await services.storage.delete(object_key(project_id, OBJECT_KIND, one) for one in object_ids)
