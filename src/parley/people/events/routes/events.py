"""Captured events, as the API gives them back (docs/capture.md#reading-events)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath

from parley.kernel.dependencies import ActorDependency, DbDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented
from parley.kernel.text.cursors import encoded_cursor
from parley.people.events.queries import EventFilters, event_by_id, events_page
from parley.people.events.rules.cursors import read_event_cursor
from parley.people.events.rules.events import event_name
from parley.people.events.rules.times import instant_of
from parley.people.events.schemas import EventOut, EventPage
from parley.people.persons.rules.distinct_ids import asked_distinct_id
from parley.people.persons.rules.property_filters import EventPropertyFilter, read_filters

EVENTS = "/api/projects/{project_id:str}/events"
ORDERS = {
    "": False,
    "-timestamp": False,
    '["-timestamp"]': False,
    "timestamp": True,
    '["timestamp"]': True,
}
"""Forms of `orderBy`: whether the oldest comes first."""
QUERY = [
    Query("event", "The name of the events."),
    Query("distinct_id", "Whose events, as the SDK named them."),
    Query("person_id", "Whose events, by the uuid of the person.", UUID),
    Query("after", "Only events later than this.", datetime),
    Query("before", "Only events earlier than this.", datetime),
    Query("properties", "A JSON list of conditions on properties, each `{key, value, operator, type}`."),
    Query("orderBy", 'Either `["-timestamp"]`, the newest first, or `["timestamp"]`.'),
    Query("limit", "How many to return at most. What can't be read takes the default.", int),
    Query("after_mark", "Where the page begins, from `next`."),
]


def _text(request: ParleyRequest, name: str) -> str:
    return request.query_params.get(name, "")


def _instant(request: ParleyRequest, name: str) -> datetime | None:
    text = _text(request, name)
    found = instant_of(text) if text else None
    if text and found is None:
        raise Invalid("Datetime has wrong format. Use ISO 8601, such as 2026-01-31T12:00:00Z.", attr=name)
    return found


def _person_id(request: ParleyRequest) -> UUID | None:
    text = _text(request, "person_id")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid("Must be a valid UUID.", attr="person_id") from error


def _is_oldest_first(request: ParleyRequest) -> bool:
    asked = _text(request, "orderBy")
    if asked not in ORDERS:
        raise Invalid('Possible are ["-timestamp"], ["timestamp"].', code="invalid_choice", attr="orderBy")
    return ORDERS[asked]


def _filters(request: ParleyRequest) -> EventFilters:
    return EventFilters(
        event=event_name(_text(request, "event").replace("\x00", "")),
        distinct_id=asked_distinct_id(_text(request, "distinct_id")),
        person_id=_person_id(request),
        after=_instant(request, "after"),
        before=_instant(request, "before"),
        properties=read_filters(request.query_params.get("properties"), EventPropertyFilter),
        is_oldest_first=_is_oldest_first(request),
        cursor=read_event_cursor(request.query_params.get("after_mark")),
    )


@get(EVENTS, guards=[needs("event:read")], opt=documented(query=QUERY))
async def list_events(request: ParleyRequest, actor: ActorDependency, db: DbDependency) -> EventPage:
    """List captured events, newest first; the other parameters narrow the list.

    A page with `properties` looks through 5,000 events at most, so it may have few or none of them: follow `next`.
    """
    results, behind = await events_page(db, actor, _filters(request), page_request(request).limit)
    next_page = request.url_with({"after_mark": encoded_cursor(behind)}) if behind else None
    return EventPage(next=next_page, results=results)


@get(f"{EVENTS}/{{event_id:str}}", guards=[needs("event:read")])
async def show_event(event_id: FromPath[str], actor: ActorDependency, db: DbDependency) -> EventOut:
    """Show one captured event."""
    return await event_by_id(db, actor, event_id)


handlers: list[Any] = [list_events, show_event]
