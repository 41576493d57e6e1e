"""The API of the ticket list (docs/tickets.md)."""

from typing import Any

from litestar import get

from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_list.queries.lists import requested_list, written_page
from parley.conversations.ticket_list.queries.unread import unread_count
from parley.conversations.ticket_list.schemas import UnreadCount
from parley.conversations.tickets import TICKETS
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented

QUERY = [
    Query("status", "Only tickets of these statuses, with commas between."),
    Query("priority", "Only tickets of these priorities, with commas between."),
    Query("channel_source", "Only tickets of one channel: widget, email, sms, slack, teams or github."),
    Query("channel_detail", "Only tickets that came in one way, such as `widget_embedded`."),
    Query("assignee", "`me`, `unassigned`, `user:<id>`, `role:<uuid>`; any of several, with commas between."),
    Query("date_from", "Only tickets changed since: `-7d`, `-1mStart`, `2026-01-31`; `all` is no bound."),
    Query("date_to", "Only tickets not changed after this; written as `date_from` is."),
    Query("distinct_ids", "Only tickets of these distinct ids, with commas between; or of `emails`."),
    Query("emails", "Only tickets written from these addresses, with commas between; or of `distinct_ids`."),
    Query("distinct_id", "Only tickets with this text in their distinct id."),
    Query("sla", "`breached`, `at-risk` (due within the hour) or `on-track`."),
    Query("snoozed", "`true`: only snoozed tickets, `false`: only others."),
    Query("tags", "A JSON array: only tickets with any of these tags."),
    Query("tags_all", "A JSON array: only tickets with all of these tags."),
    Query("tags_exclude", "A JSON array: only tickets with none of these tags."),
    Query("mentioned", "`me`: only tickets with a private note that mentions the caller."),
    Query(
        "happened",
        "Only tickets that were `opened`, `answered`, `resolved`, had their `first_response`, or `sla_met` or `sla_missed`.",
    ),
    Query("happened_from", "... since this time, written as `date_from` is; 400 days at most."),
    Query("happened_to", "... and not after this."),
    Query("happened_by", "... by `me`, `user:<id>`, or `programs`; of answers and what was resolved."),
    Query("ai_triage_result", "Only tickets with one of these results of triage."),
    Query(
        "search", "`42` or `#42`: only the ticket with this number; else only tickets that hold this text."
    ),
    Query(
        "view", "The `short_id` of a saved view whose filters apply where the query doesn't say otherwise."
    ),
    Query("order_by", "The field to sort by, `-` before it turns the order round."),
]


@get(TICKETS, guards=[needs("ticket:read")], opt=documented(query=QUERY))
async def list_tickets(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Page[TicketOut]:
    """List tickets, those that changed last first; a filter that can't be read is ignored."""
    page = page_request(request)
    asked = await requested_list(services, actor, request.query_params, page)
    found = await written_page(services, actor, asked)
    tickets: Any = found.tickets
    return page_of(request, page, found.count, tickets, cursor=found.cursor, has_more=found.has_more)


@get(TICKETS + "/unread_count", guards=[needs("ticket:read")])
async def show_unread_count(actor: ActorDependency, services: ServicesDependency) -> UnreadCount:
    """Count the customers' messages that the team hasn't read, over all tickets that aren't resolved."""
    return UnreadCount(await unread_count(services, actor))


handlers: list[Any] = [list_tickets, show_unread_count]
