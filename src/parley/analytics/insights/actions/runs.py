"""Queries that nobody waits for: work that is stored, and done after the request."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, update

from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.insights.actions.computing import PASSING, computed_once
from parley.analytics.insights.errors import TooManyRuns, failure_of
from parley.analytics.insights.queries.results import (
    kept_results,
    n_unfinished_runs,
    old_results,
    old_runs,
    run_by_id,
    unfinished_run,
)
from parley.analytics.insights.results import Asked, asked_of, status_of
from parley.analytics.insights.rules.freshness import GIVEN_UP_AFTER, RUNS_KEPT_FOR
from parley.analytics.insights.schemas import QueryStatus
from parley.analytics.insights.tables import insight_result, insight_run
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, NotFound
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services
from parley.kernel.text.json_text import read_json

ANSWER, QUEUE, MOST_RUNS = "insights.answer_query", "queries", 50  # of an organization at the same time


async def begin_run(
    services: Services, asked: Asked, raw: Any, *, user_id: int | None, insight_id: int | None
) -> QueryStatus:
    """Have a query answered after the request; whoever asks the same gets the same. Raises TooManyRuns."""
    now, project = services.clock.now(), asked.project
    since = now - GIVEN_UP_AFTER
    row = {
        "project_id": project.id,
        "id": new_uuid(),
        "digest": asked.digest,
        "query": msgspec.json.encode(raw).decode(),
        "user_id": user_id,
        "insight_id": insight_id,
        "started_at": now,
    }
    async with services.database.transaction() as db:
        begun = await unfinished_run(db, project.id, asked.digest, since)
        if begun is None:
            if (n := await n_unfinished_runs(db, project.organization_id, since)) >= MOST_RUNS:
                raise TooManyRuns
            await db.execute(insert(insight_run).values(**row))
            await enqueue(db, ANSWER, {"run_id": str(row["id"])}, project_id=project.id, queue=QUEUE, turn=n)
            begun = await run_by_id(db, project.id, str(row["id"]))
    return status_of(begun, None, now)


async def answer_run(services: Services, project_id: int, run_id: str) -> None:
    """Answer a query that nobody waits for; safe to repeat. Raises only what may pass, so that it is tried again."""
    async with services.database.transaction(write=False) as db:
        try:
            run = await run_by_id(db, project_id, run_id)
        except NotFound:
            return  # its project is gone
    project = await project_by_id(services.database, project_id)
    if run.ended_at is not None or project is None:
        return
    try:
        asked = asked_of(read_json(run.query), project, None)
        kept = (await kept_results(services.database, project_id, [asked.digest])).get(asked.digest)
        if kept is None or kept.computed_at is None or kept.computed_at < run.started_at:
            await computed_once(services, asked, kept)
    except PASSING:
        raise
    except AppError as error:
        await _end(services, project_id, run.id, failure_of(error))
    else:
        await _end(services, project_id, run.id, None)


async def _end(services: Services, project_id: int, id: UUID, failure: dict[str, Any] | None) -> None:
    mine = (insight_run.c.project_id == project_id, insight_run.c.id == id)
    ended = {"ended_at": services.clock.now(), "failure": failure}
    async with services.database.transaction() as db:
        await db.execute(update(insight_run).where(*mine).values(ended))


async def forget_old(db: Db, now: datetime, *, limit: int) -> int:
    """Delete answers that nobody has asked for anew, and queries that ended long ago; return how many."""
    results = delete(insight_result).where(insight_result.c.digest.in_(old_results(now, limit)))
    results = results.where(insight_result.c.kept_until <= now)
    runs = delete(insight_run).where(insight_run.c.id.in_(old_runs(now - RUNS_KEPT_FOR, limit)))
    return (await db.execute(results)).rowcount + (await db.execute(runs)).rowcount


async def forget_results(db: Db, project_id: int) -> int:
    """Delete all kept answers and queries of a project, since they may hold what is to be erased; return how many."""
    n_gone = 0
    for table in (insight_result, insight_run):
        n_gone += (await db.execute(delete(table).where(table.c.project_id == project_id))).rowcount
    return n_gone
