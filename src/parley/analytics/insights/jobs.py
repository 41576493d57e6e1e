"""Background work of insights."""

from datetime import timedelta

from parley.analytics.insights.actions.runs import ANSWER, answer_run, forget_old
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, job, work
from parley.kernel.services import Services

BATCH, MOST_BATCHES = 500, 40
RETRIES_S = (5, 30, 120)


@work(ANSWER, timeout_s=240, retries_s=RETRIES_S)
async def answer_query(services: Services, work: Work) -> None:
    """Answer a query that nobody waits for. Safe to run twice."""
    await answer_run(services, work.project_id, work.payload["run_id"])


@job("insights.forget_old", every=timedelta(hours=1), deletes=True)
async def forget_old_results(db: Db, services: Services) -> int:
    """Delete answers that nobody has asked for anew. Safe to run twice."""
    now, n_gone = services.clock.now(), 0
    for _ in range(MOST_BATCHES):
        batch = await forget_old(db, now, limit=BATCH)
        n_gone += batch
        if batch < BATCH:
            break
    return n_gone
