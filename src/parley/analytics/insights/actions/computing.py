"""A query is answered once for all who ask at the same time, in all processes.

In one process they share a task. Among processes a row of `insight_result` has a lease, which whoever computes renews; if
they die, it ends, and one of those who wait takes over.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import update

from parley.analytics.event_source.errors import AnswerTooLarge
from parley.analytics.insights.errors import QueryFailed, failure_of
from parley.analytics.insights.kinds import answer_of
from parley.analytics.insights.queries.results import KeptResult, held_result
from parley.analytics.insights.results import Asked
from parley.analytics.insights.rules.freshness import KEPT_FOR
from parley.analytics.insights.tables import insight_result
from parley.kernel.clock import is_ahead
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.time_limit import QueryTookTooLong
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, Throttled, Unavailable
from parley.kernel.http.json_response import ENCODER
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

LEASE = timedelta(seconds=30)
RENEWED_EACH_S = 10.0
LIMIT_S = 120.0
"""Of one query, with the time that it waits for its turn; less than somebody waits for another process."""
LONGEST_WAIT_S = 180.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 0.5
MOST_LETTERS = 8 * 1024 * 1024
PASSING = (Throttled, Unavailable)
"""Errors that say nothing of the query: whoever waited tries for themselves."""


async def computed_once(services: Services, asked: Asked, seen: KeptResult | None) -> KeptResult:
    """Return a newer answer than the one that was seen: computed here, or by whoever has begun before.

    Raises what the query raises, for everybody who has waited for it.
    """
    key = ("insight", asked.project.id, asked.digest)
    found: KeptResult = await services.flights.join(key, lambda: _answered(services, asked, seen))
    return found


async def _answered(services: Services, asked: Asked, seen: KeptResult | None) -> KeptResult:
    holder, until, pause = new_uuid(), monotonic() + LONGEST_WAIT_S, FIRST_PAUSE_S
    while monotonic() < until:
        kept = await _claimed(services, asked, holder, seen)
        if kept is None:
            return await _computed(services, asked, holder)
        if _is_newer(kept.computed_at, seen.computed_at if seen else None):
            return kept
        if kept.failure and _is_newer(kept.failed_at, seen.failed_at if seen else None):
            raise QueryFailed(kept.failure)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
    raise Unavailable("The query is being computed by another process, and takes too long. Please try again.")


def _is_newer(at: datetime | None, than: datetime | None) -> bool:
    return at is not None and at != than


async def _claimed(
    services: Services, asked: Asked, holder: UUID, seen: KeptResult | None
) -> KeptResult | None:
    """Take the lease and return None, or return what is kept: newer than what was seen, or held by somebody else."""
    project_id, digest = asked.project.id, asked.digest
    async with services.database.transaction() as db:
        kept = await held_result(db, project_id, digest)
        now = services.clock.now()
        values = {"lease_until": now + LEASE, "holder": holder}
        if kept is None:
            key = {"project_id": project_id, "digest": digest, "kept_until": now + KEPT_FOR}
            made = insert_for(db.dialect, insight_result).values(**key, **values).on_conflict_do_nothing()
            is_mine = (await db.execute(made)).rowcount == 1
            return None if is_mine else await held_result(db, project_id, digest)
        news = (kept.computed_at, kept.failed_at) != (
            (seen.computed_at, seen.failed_at) if seen else (None, None)
        )
        if news or is_ahead(kept.lease_until, now, LEASE):
            return kept
        await _store(db, asked, values)
        return None


async def _store(db: Db, asked: Asked, values: dict[str, Any], *, holder: UUID | None = None) -> bool:
    mine = [insight_result.c.project_id == asked.project.id, insight_result.c.digest == asked.digest]
    if holder is not None:
        mine.append(insight_result.c.holder == holder)
    return (await db.execute(update(insight_result).where(*mine).values(**values))).rowcount == 1


async def _computed(services: Services, asked: Asked, holder: UUID) -> KeptResult:
    try:
        async with _lease_renewed(services, asked, holder):
            answer = await _answer_in_time(services, asked)
            encoded = ENCODER.encode(answer.results)
            results = encoded.decode()
            if len(results) > MOST_LETTERS:
                raise AnswerTooLarge(MOST_LETTERS)
    except BaseException as error:
        await _release(services, asked, holder, error)
        raise
    now = services.clock.now()
    names = ("columns", "types", "has_more", "timezone", "resolved_date_range")
    values = {
        "results": results,
        "n_bytes": len(encoded),
        "facts": msgspec.to_builtins({name: getattr(answer, name) for name in names}),
        "computed_at": now,
        "failure": None,
        "failed_at": None,
        "kept_until": now + KEPT_FOR,
    }
    async with services.database.transaction() as db:
        await _store(db, asked, {**values, "lease_until": None, "holder": None}, holder=holder)
    shown = {name: value for name, value in values.items() if name in KeptResult.__struct_fields__}
    return KeptResult(digest=asked.digest, lease_until=None, holder=None, **shown)


async def _answer_in_time(services: Services, asked: Asked) -> Any:
    try:
        async with asyncio.timeout(LIMIT_S):
            return await answer_of(services, asked)
    except TimeoutError as error:
        raise QueryTookTooLong from error


async def _release(services: Services, asked: Asked, holder: UUID, error: BaseException) -> None:
    """Give the lease up, and tell those who wait in other processes what was wrong with the query."""
    values: dict[str, Any] = {"lease_until": None, "holder": None}
    if isinstance(error, AppError) and not isinstance(error, PASSING):
        values |= {"failure": failure_of(error), "failed_at": services.clock.now()}
    try:
        async with services.database.transaction() as db:
            await _store(db, asked, values, holder=holder)
    except AppError:
        return  # the database is away; the lease ends by itself


@asynccontextmanager
async def _lease_renewed(services: Services, asked: Asked, holder: UUID) -> AsyncIterator[None]:
    async def renew() -> None:
        while True:
            await asyncio.sleep(RENEWED_EACH_S)
            try:
                async with services.database.transaction() as db:
                    lease = {"lease_until": services.clock.now() + LEASE}
                    await _store(db, asked, lease, holder=holder)
            except AppError:
                continue

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()
