"""The pages of captured events: of the project, and of one person."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, DbDependency
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.text.cursors import encoded_cursor
from parley.kernel.text.forms import storable
from parley.kernel.text.html import safe_url
from parley.people.events.queries import EventFilters, events_page
from parley.people.events.rules.cursors import EventCursor, read_event_cursor
from parley.people.events.rules.events import event_name
from parley.people.events.schemas import EventOut
from parley.people.persons.queries.by_identifier import first_distinct_id_by_email, owners_of
from parley.people.persons.queries.shown import person_by_id
from parley.people.persons.rules.distinct_ids import MAX_LENGTH, asked_distinct_id
from parley.people.persons.rules.names import heading_name
from parley.people.persons.rules.shown_properties import shown_properties, shown_text
from parley.people.persons.schemas import PersonOut
from parley.web.guards import page_session
from parley.web.rendering import page

PER_PAGE, LATEST = 50, 10

NUMBER = re.compile(r"[0-9]{1,9}")


class EventLine(msgspec.Struct, frozen=True, kw_only=True):
    """An event in a list; `url` is the page's where it may be a link, else `place` is its text."""

    name: str
    at: datetime
    who: str
    person_path: str | None
    url: str | None
    place: str
    properties: Sequence[tuple[str, str]]


class EventsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `events/events.html`."""

    events: Sequence[EventLine]
    event: str
    who: str
    older_path: str | None
    max_who: int = MAX_LENGTH


class PersonPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `events/person.html`; `conversation` is the number of the one from which somebody came."""

    person: PersonOut
    name: str
    properties: Sequence[tuple[str, str]]
    events: Sequence[EventLine]
    older_path: str | None
    conversation: int | None


class LatestEvents(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `events/_latest.html`."""

    events: Sequence[EventLine]
    all_path: str


@get("/events", guards=[page_session], include_in_schema=False)
async def show_events(request: ParleyRequest, actor: ActorDependency, db: DbDependency) -> Response[Any]:
    """List the project's events, the newest first."""
    query = request.query_params
    event = event_name(storable(query.get("event", "").strip()))
    who = storable(query.get("who", "").strip())[:MAX_LENGTH]
    filters = msgspec.structs.replace(
        await _of_somebody(db, actor, who), event=event, cursor=_cursor(request)
    )
    found, behind = await events_page(db, actor, filters, PER_PAGE)
    kept = {name: text for name, text in (("event", event), ("who", who)) if text}
    shown = EventsPage(
        events=event_lines(found), event=event, who=who, older_path=_older("/events", kept, behind)
    )
    return page(request, "events/events.html", shown)


@get("/events/latest", guards=[page_session], include_in_schema=False)
async def show_latest_events(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Response[Any]:
    """Show what somebody did last, by a distinct id: a part of the inbox."""
    who = asked_distinct_id(request.query_params.get("who", ""))
    filters = await _of_somebody(db, actor, who)
    found = (await events_page(db, actor, filters, LATEST))[0] if who else []
    path = f"/persons/{filters.person_id}" if filters.person_id else f"/events?{urlencode({'who': who})}"
    return page(request, "events/_latest.html", LatestEvents(events=event_lines(found), all_path=path))


@get("/persons/{person_id:str}", guards=[page_session], include_in_schema=False)
async def show_person_page(
    request: ParleyRequest, person_id: FromPath[str], actor: ActorDependency, db: DbDependency
) -> Response[Any]:
    """Show what is known of a person, and what they did, the newest first."""
    person = await person_by_id(db, actor, person_id)
    filters = EventFilters(person_id=person.id, cursor=_cursor(request))
    found, behind = await events_page(db, actor, filters, PER_PAGE)
    given = request.query_params.get("conversation", "")
    number = given if NUMBER.fullmatch(given) else ""
    shown = PersonPage(
        person=person,
        name=heading_name(person.properties, person.name),
        properties=shown_properties(person.properties),
        events=event_lines(found),
        older_path=_older(f"/persons/{person.id}", {"conversation": number} if number else {}, behind),
        conversation=int(number) if number else None,
    )
    return page(request, "events/person.html", shown)


def _cursor(request: ParleyRequest) -> EventCursor | None:
    return read_event_cursor(request.query_params.get("after_mark"))


def _older(path: str, kept: Mapping[str, str], behind: EventCursor | None) -> str | None:
    return f"{path}?{urlencode({**kept, 'after_mark': encoded_cursor(behind)})}" if behind else None


async def _of_somebody(db: Db, actor: Actor, who: str) -> EventFilters:
    """Whoever is named by a distinct id or an e-mail address is meant with all of their ids."""
    if not who:
        return EventFilters()
    known = await first_distinct_id_by_email(db, actor.project_id, who) if "@" in who else None
    owner: UUID | None = (await owners_of(db, actor.project_id, [known or who])).get(known or who)
    return EventFilters(person_id=owner) if owner else EventFilters(distinct_id=who)


def event_lines(events: Sequence[EventOut]) -> list[EventLine]:
    """Return events as lines of a list."""
    return [_line(one) for one in events]


def _line(one: EventOut) -> EventLine:
    place = one.properties.get("$current_url") or one.properties.get("$pathname") or ""
    return EventLine(
        name=one.event,
        at=one.timestamp,
        who=one.person.name if one.person else one.distinct_id,
        person_path=f"/persons/{one.person.id}" if one.person else None,
        url=safe_url(place),
        place=shown_text(place),
        properties=shown_properties(one.properties),
    )


handlers: list[Any] = [show_events, show_latest_events, show_person_page]
