"""Answers of queries as the API shows them."""

import msgspec

from parley.analytics.insights.queries.results import kept_results, run_by_id
from parley.analytics.insights.results import InsightResult, status_of
from parley.analytics.insights.schemas import InsightOut, QueryAnswer, QueryStatus
from parley.kernel.services import Services

_SAME = (
    "columns",
    "types",
    "has_more",
    "timezone",
    "resolved_date_range",
    "last_refresh",
    "cache_target_age",
)


def answer_to(found: InsightResult) -> QueryAnswer:
    """Return an answer as `POST query/` gives it."""
    return QueryAnswer(
        results=found.results,
        **{name: getattr(found, name) for name in _SAME},
        next_allowed_client_refresh=found.cache_target_age,
        is_cached=found.is_cached,
        cache_key=found.digest,
        query_status=found.query_status,
    )


def with_answer(shown: InsightOut, found: InsightResult | None) -> InsightOut:
    """Return an insight with an answer."""
    if found is None:
        return shown
    return msgspec.structs.replace(
        shown,
        result=found.results,
        **{name: getattr(found, name) for name in _SAME},
        next_allowed_client_refresh=found.cache_target_age,
        is_cached=found.is_cached,
        query_status=found.query_status,
    )


async def run_status(services: Services, project_id: int, id: str) -> QueryStatus:
    """Return how far a query is that nobody waits for, with its answer; raises NotFound."""
    async with services.database.transaction(write=False) as db:
        run = await run_by_id(db, project_id, id)
        is_done = run.ended_at is not None and run.failure is None
        kept = (await kept_results(db, project_id, [run.digest])).get(run.digest) if is_done else None
    answer = None
    if kept is not None and kept.results is not None:
        facts = kept.facts or {}
        shown = {"hasMore" if name == "has_more" else name: value for name, value in facts.items()}
        answer = {"results": msgspec.Raw(kept.results.encode()), **shown, "last_refresh": kept.computed_at}
    return status_of(run, answer, services.clock.now())
