"""The API of saved views (docs/views.md#views)."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.conversations.saved_views import actions
from parley.conversations.saved_views.queries import view_by_short_id, view_page
from parley.conversations.saved_views.schemas import NewView, ViewOut, ViewPatch
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest

VIEWS = "/api/projects/{project_id:str}/conversations/views"
VIEW = VIEWS + "/{short_id:str}"
READ = ("conversation:read", "ticket:read")
WRITE = ("conversation:write", "ticket:write")


@get(VIEWS, guards=[needs(*READ)])
async def list_views(request: ParleyRequest, db: DbDependency, actor: ActorDependency) -> Page[ViewOut]:
    """List the views that the caller may see: their favourites first, then the newest."""
    asked = page_request(request)
    count, found = await view_page(db, actor, asked)
    return page_of(request, asked, count, found)


@post(VIEWS, guards=[needs(*WRITE)])
async def create_view(
    data: JSONBody[NewView], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> ViewOut:
    """Save a view; it is shared with everybody in the project unless `visibility` is `private`."""
    return await actions.save_view(db, services, actor, data)


@get(VIEW, guards=[needs(*READ)])
async def show_view(short_id: FromPath[str], db: DbDependency, actor: ActorDependency) -> ViewOut:
    """Show one view."""
    return await view_by_short_id(db, actor, short_id)


@patch(VIEW, guards=[needs(*WRITE)])
async def change_view(
    short_id: FromPath[str], data: JSONBody[ViewPatch], db: DbDependency, actor: ActorDependency
) -> ViewOut:
    """Change the fields that the body has; `is_favorited` is each caller's own, only the creator may change `visibility`."""
    return await actions.change_view(db, actor, short_id, data)


@delete(VIEW, guards=[needs(*WRITE)])
async def delete_view(short_id: FromPath[str], db: DbDependency, actor: ActorDependency) -> None:
    """Delete a view for everybody."""
    await actions.delete_view(db, actor, short_id)


handlers: list[Any] = [list_views, create_view, show_view, change_view, delete_view]
