"""Which conversation another one is to be merged with: found by words, or one of the same customer."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.ticket_actions.pages.merging_many import Mergeable, mergeable_of
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.queries.list_pages import narrowed_page
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.search_terms import MAX_SEARCH
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page

N_SHOWN = 10
N_DISTINCT_IDS = 100
LEVELS = ("editor", "manager")


class MergeSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `ticket_actions/merge_search.html` and of its part `ticket_actions/_candidates.html`."""

    ticket: Mergeable
    find: str
    candidates: Sequence[Mergeable]
    list: ListAddress


@get("/inbox/{number:int}/merge", guards=[page_session], include_in_schema=False)
async def search_to_merge(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show with what a ticket can be merged: what a search finds or, before there is one, the other ones of its customer."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    if ticket.user_access_level not in LEVELS:
        raise PermissionDenied
    find = request.query_params.get("find", "").replace("\x00", "").strip()[:MAX_SEARCH]
    found = await _candidates(services, actor, ticket, find)
    address = ListAddress.of(request.query_params).replaced()
    shown = MergeSearch(ticket=mergeable_of(ticket), find=find, candidates=found, list=address)
    name = "_candidates" if is_htmx(request) else "merge_search"
    return page(request, f"ticket_actions/{name}.html", shown)


async def _candidates(services: Services, actor: Actor, ticket: TicketOut, find: str) -> list[Mergeable]:
    """Return tickets that the caller may change, as the list orders them; of a search those that are resolved, too."""
    asked = ListAddress(search=find, status="all", snoozed="all").asked
    ids = (ticket.person.distinct_ids if ticket.person else [])[:N_DISTINCT_IDS] or [ticket.distinct_id]
    if not find:
        asked["distinct_ids"] = ",".join(ids)
    found = await narrowed_page(services, actor, asked, None, N_SHOWN + 1)
    others = [one for one in found.tickets if one.id != ticket.id and one.user_access_level in LEVELS]
    if not find:
        # A distinct id may have a comma in it, and its parts be those of somebody else.
        others = [one for one in others if one.distinct_id in ids]
    return [mergeable_of(one) for one in others[:N_SHOWN]]


handlers = [search_to_merge]
