"""The API of tags as a whole (docs/tickets.md#tags-of-the-project); those of one ticket change with the ticket."""

from typing import Any

from litestar import get, post
from litestar.params import JSONBody

from parley.conversations.tags import actions
from parley.conversations.tags.queries import page_of_tags
from parley.conversations.tags.schemas import TagChangeOut, TagDeletion, TagOut, TagRename
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented

TAGS = "/api/projects/{project_id:str}/conversations/tags"
QUERY = [Query("search", "Only tags whose name has this text in it.")]
BUSY = {
    409: "Another change of tags is going on, or the new name is that of another tag and `merge` isn't true."
}


@get(TAGS, guards=[needs("ticket:read")], opt=documented(query=QUERY))
async def list_counted_tags(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Page[TagOut]:
    """List the tags of the tickets that the caller may see by name, with how many of these have each."""
    asked = page_request(request)
    search = request.query_params.get("search", "")
    count, found = await page_of_tags(services.database, actor, search, asked)
    return page_of(request, asked, count, found)


@post(f"{TAGS}/rename", guards=[needs("ticket:write")], status_code=200, opt=documented(errors=BUSY))
async def rename_tag(
    data: JSONBody[TagRename], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> TagChangeOut:
    """Rename a tag on all tickets, or merge it into another one; for managers."""
    return await actions.rename_tag(db, services, actor, data)


@post(f"{TAGS}/delete", guards=[needs("ticket:write")], status_code=200, opt=documented(errors=BUSY))
async def delete_tag(
    data: JSONBody[TagDeletion], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> TagChangeOut:
    """Take a tag from all tickets; for managers."""
    return await actions.delete_tag(db, services, actor, data.name)


handlers: list[Any] = [list_counted_tags, rename_tag, delete_tag]
