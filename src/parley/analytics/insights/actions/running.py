"""Answers of queries: what is kept, or a new one."""

from collections.abc import Sequence
from typing import Any

import msgspec

from parley.analytics.event_source.room import Room
from parley.analytics.insights.actions.computing import computed_once
from parley.analytics.insights.actions.runs import begin_run
from parley.analytics.insights.errors import QueryFailed
from parley.analytics.insights.queries.results import kept_results, kept_sizes
from parley.analytics.insights.results import Asked, InsightResult, asked_of, result_of
from parley.analytics.insights.rules.freshness import Mode, has_just_failed, is_async, is_fresh
from parley.kernel.database.database import Database
from parley.kernel.database.error_translation import missing_not_found
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.authorization import Actor, Project
from parley.kernel.services import Services


async def run_insight(
    services: Services,
    project: Project,
    raw: Any,
    mode: Mode = "blocking",
    *,
    actor: Actor | None = None,
    insight_id: int | None = None,
) -> InsightResult:
    """Answer a query, by what is kept where the mode lets it be; the one way for the API, pages, letters and links.

    Without an actor the answer is for anybody to whom it is shown. Opens its own transactions: call it in none. Raises
    Invalid, NotFound where the project was deleted meanwhile, and what stops a query that takes too long.
    """
    asked = asked_of(raw, project, actor)
    kept = (await kept_results(services.database, project.id, [asked.digest])).get(asked.digest)
    now = services.clock.now()
    if kept is not None and is_fresh(kept.computed_at, now, asked.fresh_for, mode):
        return result_of(asked, kept, is_cached=True)
    if mode == "force_cache":
        return result_of(asked, None, is_cached=False)
    is_forced = mode.startswith("force")
    if kept is not None and kept.failure and not is_forced and has_just_failed(kept.failed_at, now):
        raise QueryFailed(kept.failure)
    has_answer = kept is not None and kept.results is not None
    user_id = actor.user_id if actor else None
    with missing_not_found():
        if is_async(mode, is_kept=has_answer) and not asked.is_personal:
            status = await begin_run(services, asked, raw, user_id=user_id, insight_id=insight_id)
            found = result_of(asked, kept, is_cached=has_answer)
            return msgspec.structs.replace(found, query_status=status)
        return result_of(asked, await computed_once(services, asked, kept), is_cached=False)


async def kept_answers(
    source: Db | Database, project: Project, queries: Sequence[Any], actor: Actor | None
) -> list[InsightResult | None]:
    """Return what is kept for each of these queries, however old; None where nothing is, or it can't be read.

    The first of them are read, as far as there is room for them together; the others are left out.
    """
    asked = [_asked_or_none(raw, project, actor) for raw in queries]
    room = Room()
    sizes = await kept_sizes(source, project.id, [one.digest for one in asked if one is not None])
    has_room = [one is not None and room.takes(sizes.get(one.digest, 0)) for one in asked]
    digests = {one.digest for one, is_read in zip(asked, has_room, strict=True) if one and is_read}
    kept = await kept_results(source, project.id, list(digests))
    return [
        None if one is None else result_of(one, kept.get(one.digest), is_cached=True, is_left_out=not is_read)
        for one, is_read in zip(asked, has_room, strict=True)
    ]


def _asked_or_none(raw: Any, project: Project, actor: Actor | None) -> Asked | None:
    try:
        return None if raw is None else asked_of(raw, project, actor)
    except (Invalid, PermissionDenied):
        return None  # what was taken once may be refused by a later version, or isn't for everybody
