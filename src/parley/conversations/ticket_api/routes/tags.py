"""The project's tags."""

from typing import Any

from litestar import get

from parley.conversations.ticket_api.queries.tags import names_in_use
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import needs


@get("/api/projects/{project_id:str}/tags", guards=[needs("ticket:read")])
async def list_tags(actor: ActorDependency, services: ServicesDependency) -> list[str]:
    """List the names of the tags of all tickets that the caller may see."""
    return await names_in_use(services.database, actor)


handlers: list[Any] = [list_tags]
