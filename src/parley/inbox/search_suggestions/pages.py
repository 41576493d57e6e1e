"""What is shown below the search field while somebody types."""

from typing import Any

from litestar import Response, get

from parley.accounts.access_levels.queries.visibility import sees_any_ticket
from parley.inbox.search_suggestions.suggestions import suggestions_for
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.request import ParleyRequest
from parley.kernel.throttle import MINUTE_S, Limit
from parley.web.guards import page_session
from parley.web.rendering import page

TYPED = Limit("search-suggestions", 120, MINUTE_S)


@get("/inbox/search", guards=[page_session], include_in_schema=False)
async def show_suggestions(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show what the words in the search field find first, without anything around it."""
    if not sees_any_ticket(actor):
        raise NotFound
    if services.settings.limits_keys:
        await services.throttles.hit((TYPED, str(actor.user_id)))
    found = await suggestions_for(services, actor, request.query_params.get("search", ""))
    return page(request, "search_suggestions/_suggestions.html", found)


handlers = [show_suggestions]
