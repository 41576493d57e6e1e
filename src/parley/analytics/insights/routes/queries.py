"""The API that answers queries, kept as insights or not."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath, JSONBody

from parley.analytics.insights import QUERIES
from parley.analytics.insights.actions.running import run_insight
from parley.analytics.insights.queries.answers import answer_to, run_status
from parley.analytics.insights.rules.freshness import mode_of
from parley.analytics.insights.schemas import NewQuery, QueryAnswer, RunAnswer
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.json_response import JsonResponse
from parley.kernel.openapi.documented import DocumentedAnswer, documented

STATUS = QUERIES + "/{query_id:str}"
GOES_ON = DocumentedAnswer(
    "Nobody waits for the answer: `query_status` says where it will be.", (QueryAnswer,)
)
STILL = DocumentedAnswer("The query goes on.", (RunAnswer,))


@post(
    QUERIES,
    guards=[needs("query:read")],
    status_code=200,
    opt=documented(answers={200: DocumentedAnswer(types=(QueryAnswer,)), 202: GOES_ON}),
)
async def answer_query(
    data: JSONBody[NewQuery], actor: ActorDependency, services: ServicesDependency
) -> JsonResponse:
    """Answer a query: by what is kept, or anew. With `refresh` `async` and its like the answer is a `query_status`."""
    mode = mode_of(data.refresh, "blocking")
    found = await run_insight(services, actor.project, data.query, mode, actor=actor)
    goes_on = found.query_status is not None and not found.query_status.complete
    return JsonResponse(answer_to(found), status_code=202 if goes_on else 200)


@get(
    STATUS,
    guards=[needs("query:read")],
    opt=documented(answers={200: DocumentedAnswer(types=(RunAnswer,)), 202: STILL}),
)
async def show_query(
    query_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> JsonResponse:
    """Show how far a query is that nobody waits for, and its answer once it is there."""
    status = await run_status(services, actor.project_id, query_id)
    return JsonResponse(RunAnswer(query_status=status), status_code=200 if status.complete else 202)


handlers: list[Any] = [answer_query, show_query]
