"""The links of all pages that the caller may open, as the command bar offers them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get

from parley.accounts.access_levels.queries.visibility import sees_any_ticket
from parley.conversations.saved_views.queries import view_choices
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.names import shortened
from parley.inbox.ticket_rows.sections import SECTIONS
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import page_session
from parley.web.rendering import page

LONGEST_NAME = 80


class ListLink(msgspec.Struct, frozen=True):
    """A list of the inbox; `path` shows it."""

    name: str
    path: str


class Places(msgspec.Struct, frozen=True):
    """Context of `command_bar/_places.html`."""

    sections: Sequence[ListLink]
    views: Sequence[ListLink]


@get("/places", guards=[page_session], include_in_schema=False)
async def show_places(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the links; whoever may see no ticket gets none of the inbox."""
    if not sees_any_ticket(actor):
        return page(request, "command_bar/_places.html", Places([], []))
    sections = [ListLink(name, f"/inbox{address.query}") for name, _, address in SECTIONS.values()]
    views = [
        ListLink(shortened(one.name, LONGEST_NAME), f"/inbox{ListAddress(view=one.short_id).query}")
        for one in await view_choices(services.database, actor)
    ]
    return page(request, "command_bar/_places.html", Places(sections, views))


handlers = [show_places]
