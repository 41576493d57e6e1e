"""Recordings for tests: stored with real blocks, without a recorder."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from parley.demo.recordings import RecordedBatch, Visit, believable_batches, store_recording
from parley.kernel.services import Services
from tests.cast import TestProject


async def make_recording(
    services: Services,
    project: TestProject,
    *,
    session_id: str | None = None,
    distinct_id: str = "visitor",
    start_at: datetime | None = None,
    minutes: float = 0.5,
    batches: Iterable[RecordedBatch] | None = None,
    seed: int = 1,
) -> str:
    """Store a recording that began an hour ago, and return its session id.

    Its batches are believable ones of so many minutes, one for each ten seconds, unless others are given.
    """
    visit = Visit(
        session_id=session_id or str(uuid4()),
        distinct_id=distinct_id,
        start_at=start_at or services.clock.now() - timedelta(hours=1),
    )
    sent = believable_batches(visit.start_at, minutes, seed) if batches is None else batches
    await store_recording(services, project.id, visit, sent)
    return visit.session_id


def batch_of(*events: dict[str, Any], window_id: str = "w") -> RecordedBatch:
    """Return a batch of these events of rrweb, each with `type`, `data` and `timestamp` in milliseconds."""
    return RecordedBatch(window_id, list(events))


def note(text: str, at: datetime) -> dict[str, Any]:
    """Return an event of the type custom that holds a text."""
    return {
        "type": 5,
        "data": {"tag": "note", "payload": {"text": text}},
        "timestamp": round(at.timestamp() * 1000),
    }
