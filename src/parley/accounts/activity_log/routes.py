"""The endpoint of the activity log."""

from typing import Any

from litestar import get

from parley.accounts.activity_log.queries import ActivityFilters, activity_page
from parley.accounts.activity_log.schemas import EntryOut
from parley.kernel.dependencies import ActorDependency, DbDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented

QUERY = [
    Query("scope", "Only entries about things of this kind, such as `Ticket`."),
    Query("item_id", "Only entries about this thing."),
]


def _text(request: ParleyRequest, name: str) -> str | None:
    # Nothing stored holds a NUL character, and PostgreSQL couldn't even look for one.
    return (request.query_params.get(name) or "").replace("\x00", "\ufffd") or None


@get(
    "/api/projects/{project_id:str}/activity_log",
    guards=[needs("activity_log:read")],
    opt=documented(query=QUERY),
)
async def list_activity(request: ParleyRequest, actor: ActorDependency, db: DbDependency) -> Page[EntryOut]:
    """List what was done in the project, newest first; `scope` and `item_id` narrow it to one thing."""
    asked = page_request(request)
    filters = ActivityFilters(_text(request, "scope"), _text(request, "item_id"))
    count, found = await activity_page(db, actor, filters, asked)
    cursor = str(found[-1].id) if found else None
    return page_of(request, asked, count, found, cursor=cursor)


handlers: list[Any] = [list_activity]
