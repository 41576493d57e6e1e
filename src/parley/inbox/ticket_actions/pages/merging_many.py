"""Several conversations become one: first a page that asks which one stays, then the merge."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, post

from parley.conversations.merging.actions import merging
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.ticket_actions.pages.bulk import form_of
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.customers import address_of, name_of, subject_of
from parley.inbox.ticket_rows.names import STATUS_NAMES, shortened
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

MOST = 50
"""More than these aren't merged by one form: each merge moves the messages of a ticket."""


class Mergeable(msgspec.Struct, frozen=True):
    """A conversation that is to be merged."""

    id: str
    number: int
    name: str
    address: str | None
    text: str
    """Its subject, or else what was said last."""
    status: str
    said: str
    """What was said last, where the subject stands before it."""
    at: datetime
    is_over: bool


class MergePage(msgspec.Struct, frozen=True):
    """Context of `ticket_actions/merge.html`; the customers are different ones where there is more than one of them."""

    tickets: Sequence[Mergeable]
    kept: str
    """The id of the one that stays unless somebody chooses another."""
    n_customers: int
    query: str


@post("/inbox/merge", guards=[page_session], include_in_schema=False)
async def merge_many(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Ask which of the tickets stays; once that is said, merge the others into it, all or none, and show it."""
    form = form_of(await request.body())
    tickets = await _tickets(services, actor, form.ids)
    query = ListAddress.of(request.query_params).replaced().query
    if not form.into:
        n_customers = len({_customer(one) for one in tickets})
        mergeable = [mergeable_of(one) for one in tickets]
        kept = max(mergeable, key=lambda one: (not one.is_over, one.number)).id
        shown = MergePage(mergeable, kept, n_customers, query)
        return page(request, "ticket_actions/merge.html", shown)
    into = next((one for one in tickets if str(one.id) == form.into), None)
    if into is None:
        raise Invalid("Choose the conversation that the others are merged into.", attr="into")
    async with services.database.transaction() as db:
        for one in tickets:
            if one.id != into.id:
                await merging.merge_ticket(db, services, actor, str(one.id), str(into.id))
    return redirect(f"/inbox/{into.ticket_number}{query}")


async def _tickets(services: Services, actor: Actor, ids: Sequence[str]) -> list[TicketOut]:
    """Return the tickets, the oldest first. Raises Invalid, and NotFound for one that the caller doesn't see."""
    keys = list(dict.fromkeys(ids))
    if not 2 <= len(keys) <= MOST:
        raise Invalid(f"Tick the conversations that become one: at least 2, at most {MOST}.", attr="ids")
    found = [await ticket_by_key(services.database, actor, key) for key in keys]
    return sorted(found, key=lambda one: one.ticket_number)


def _customer(one: TicketOut) -> str:
    return str(one.person.id) if one.person else address_of(one) or one.distinct_id


def mergeable_of(one: TicketOut) -> Mergeable:
    """Return what is said of a ticket where one is chosen."""
    subject, said = subject_of(one), shortened(one.last_message_text or "", 120)
    return Mergeable(
        id=str(one.id),
        number=one.ticket_number,
        name=name_of(one),
        address=address_of(one),
        text=shortened(subject, 120) if subject else said,
        status=STATUS_NAMES.get(one.status, one.status),
        said=said if subject else "",
        at=one.last_message_at or one.created_at,
        is_over=one.status == "resolved",
    )


handlers = [merge_many]
