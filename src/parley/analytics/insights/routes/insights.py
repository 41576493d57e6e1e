"""The API that keeps insights (docs/insights.md)."""

from typing import Any

from litestar import get, patch, post, put
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from parley.analytics.insights import INSIGHT, INSIGHTS
from parley.analytics.insights.actions.insights import change_insight, create_insight
from parley.analytics.insights.actions.running import kept_answers, run_insight
from parley.analytics.insights.places import places_of
from parley.analytics.insights.queries.answers import with_answer
from parley.analytics.insights.queries.insights import insight_by_key, insight_page
from parley.analytics.insights.queries.shown import shown_insight, shown_level
from parley.analytics.insights.rules.filters import read_insight_filters, truth
from parley.analytics.insights.rules.freshness import mode_of
from parley.analytics.insights.schemas import InsightOut, InsightPatch, NewInsight, StoredInsight
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import Actor, needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone

REFRESH = Query(
    "refresh",
    "`force_cache` (the default) shows what is kept, `blocking` computes what is old, `force_blocking` everything; `async`, "
    "`lazy_async` and `force_async` do it after the request, and answer with a `query_status`.",
)
READS, WRITES = needs("insight:read"), needs("insight:write")
QUERY = [
    Query("short_id", "Only the insight with this short id."),
    Query("created_by", "Only insights of this user, by number or uuid."),
    Query("search", "Only insights whose name, description or tag holds this text."),
    Query("basic", "Leave the results out.", bool),
    Query("saved", "Only insights that were saved, or only those that were not.", bool),
    Query("favorited", "Only favourites.", bool),
    Query(
        "insight", "`TRENDS`, `FUNNELS`, `RETENTION`, `LIFECYCLE`, `STICKINESS` or `JSON` (tables of events)."
    ),
    Query("tags", "Only insights with any of these tags, as a JSON list."),
    Query("date_from", "Only insights modified then or later: an instant, a day, or a distance such as -7d."),
    Query("date_to", "Only insights modified then or earlier."),
    Query("order", "A field such as `-last_modified_at`, which is the default, `name` or `created_at`."),
]


async def _shown(request: ParleyRequest, db: Db, actor: Actor, found: StoredInsight) -> InsightOut:
    """Return an insight with the answer that is kept."""
    tiles = await places_of(request).tiles_of(db, actor.project_id, [found.id])
    [kept] = await kept_answers(db, actor.project, [found.question], actor)
    return with_answer(shown_insight(found, tiles.get(found.id, ()), shown_level(actor)), kept)


async def _changed(
    request: ParleyRequest, db: Db, services: Services, actor: Actor, key: str, patch: InsightPatch
) -> InsightOut:
    """Change an insight and its dashboards as the patch says, and return it."""
    changed = await change_insight(db, services, actor, key, patch)
    if patch.dashboards is not UNSET:
        await places_of(request).place(db, services, actor, changed.id, patch.dashboards or ())
    return await _shown(request, db, actor, changed)


@get(INSIGHTS, guards=[READS], opt=documented(query=QUERY))
async def list_insights(
    request: ParleyRequest, db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> Page[InsightOut]:
    """List insights, those modified last first, with the answers that are kept; nothing is computed."""
    asked, where = page_request(request), zone(actor.project.timezone)
    filters = read_insight_filters(request.query_params, services.clock.now(), where, user_id=actor.user_id)
    count, found = await insight_page(db, actor.project_id, filters, asked)
    tiles = await places_of(request).tiles_of(db, actor.project_id, [one.id for one in found])
    level, is_basic = shown_level(actor), truth(request.query_params, "basic")
    questions = [None if is_basic else one.question for one in found]
    answers = await kept_answers(db, actor.project, questions, actor)
    shown = [shown_insight(one, tiles.get(one.id, ()), level) for one in found]
    return page_of(request, asked, count, list(map(with_answer, shown, answers)))


@post(INSIGHTS, guards=[WRITES])
async def save_insight(
    request: ParleyRequest,
    data: JSONBody[NewInsight],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> InsightOut:
    """Save an insight; it is everybody's in the project."""
    made = await create_insight(db, services, actor, data)
    if data.dashboards:
        await places_of(request).place(db, services, actor, made.id, data.dashboards)
    return await _shown(request, db, actor, made)


@get(INSIGHT, guards=[READS], opt=documented(query=[REFRESH]))
async def show_insight(
    request: ParleyRequest, insight_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> InsightOut:
    """Show one insight, by its number or its short id, with its answer as `refresh` wants it."""
    async with services.database.transaction(write=False) as db:
        found = await insight_by_key(db, actor.project_id, insight_id)
        tiles = await places_of(request).tiles_of(db, actor.project_id, [found.id])
    shown = shown_insight(found, tiles.get(found.id, ()), shown_level(actor))
    if found.query is None:
        return shown
    mode = mode_of(request.query_params.get("refresh"), "force_cache")
    return with_answer(
        shown,
        await run_insight(services, actor.project, found.question, mode, actor=actor, insight_id=found.id),
    )


@patch(INSIGHT, guards=[WRITES])
async def edit_insight(
    request: ParleyRequest,
    insight_id: FromPath[str],
    data: JSONBody[InsightPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> InsightOut:
    """Change the fields that the body has. `deleted: true` is how an insight is deleted, `deleted: false` brings it back."""
    return await _changed(request, db, services, actor, insight_id, data)


@put(INSIGHT, guards=[WRITES])
async def replace_insight(
    request: ParleyRequest,
    insight_id: FromPath[str],
    data: JSONBody[InsightPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> InsightOut:
    """Change the fields that the body has, as PATCH does: no field has to be there."""
    return await _changed(request, db, services, actor, insight_id, data)


handlers: list[Any] = [list_insights, save_insight, show_insight, edit_insight, replace_insight]
