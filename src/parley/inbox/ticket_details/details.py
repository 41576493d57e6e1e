"""The right-hand side of the inbox: what can be changed about a ticket, and what is known of its person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Response

from parley.conversations.messages.queries.messages import message_count
from parley.conversations.participants.queries import participant_page
from parley.conversations.participants.schemas import ParticipantOut
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.ticket_details.person import PersonPanel, person_panel
from parley.inbox.ticket_details.queries.people import (
    MAX_OTHERS,
    Assignable,
    OtherTicket,
    assignables,
    other_tickets,
)
from parley.inbox.ticket_details.queries.watching import Watchable, recording_to_watch
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.customers import Channel, channel_of, merged_numbers, name_of, subject_of
from parley.inbox.ticket_rows.names import (
    PRIORITY_NAMES,
    SNOOZES,
    STATUS_NAMES,
    Option,
    shortened,
)
from parley.inbox.ticket_rows.rows import Due, due_of
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone
from parley.web.guards import is_htmx
from parley.web.rendering import page, redirect

AS_IT_IS = "as-it-is"
MORNING = 9
N_PARTICIPANTS = 100  # merging may bring together more than anybody adds


class ParticipantView(msgspec.Struct, frozen=True):
    """Somebody who takes part besides the requester; `known_by` is an address or a distinct id."""

    id: str
    name: str
    known_by: str | None


def participant_view(one: ParticipantOut) -> ParticipantView:
    """Make a line of those who take part."""
    known = [text for text in (one.email, one.distinct_id) if text]
    name = one.name or known[0]
    known_by = next((text for text in known if text != name), None)
    return ParticipantView(str(one.id), shortened(name, 80), shortened(known_by, 80) if known_by else None)


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What the right-hand side shows."""

    ticket: TicketOut
    name: str
    subject: str | None
    person: PersonPanel
    statuses: Sequence[Option]
    priorities: Sequence[Option]
    assignees: Sequence[Option]
    snoozes: Sequence[Option]
    due: Due | None
    due_at: str  # as a field of a form holds it, in the project's time zone
    snoozed_at: str
    is_mine: bool
    participants: Sequence[ParticipantView]
    merged: Sequence[int]
    n_messages: int  # notes, too
    may_change: bool
    may_delete: bool
    watchable: Watchable | None  # the recording of the visit
    channel: Channel
    others: Sequence[OtherTicket]
    all_path: str  # the list of all conversations of the customer
    query: str


class DetailsPart(msgspec.Struct, frozen=True):
    """Context of `ticket_details/_changed.html`."""

    details: Details


async def details_of(services: Services, actor: Actor, ticket: TicketOut, query: str) -> Details:
    """Gather the right-hand side of a ticket."""
    people = await assignables(services, actor.project)
    others = await other_tickets(services.database, actor, ticket)
    _, participants = await participant_page(
        services.database, actor.project_id, ticket.id, limit=N_PARTICIPANTS
    )
    return Details(
        ticket=ticket,
        name=name_of(ticket),
        subject=subject_of(ticket),
        person=await person_panel(services.database, actor, ticket),
        statuses=[Option(key, name, key == ticket.status) for key, name in STATUS_NAMES.items()],
        priorities=_priorities(ticket),
        assignees=_assignees(ticket, people),
        snoozes=_snoozes(ticket, actor.project.timezone, services.clock.now()),
        due=due_of(ticket, services.clock.now()),
        due_at=_in_field(ticket.sla_due_at, actor.project.timezone),
        snoozed_at=_in_field(ticket.snoozed_until, actor.project.timezone),
        is_mine=_is_mine(ticket, actor),
        participants=[participant_view(one) for one in participants],
        n_messages=await message_count(services.database, actor.project_id, ticket.id),
        merged=merged_numbers(ticket),
        may_change=ticket.user_access_level in ("editor", "manager"),
        may_delete=may_delete(actor, ticket),
        watchable=await recording_to_watch(services.database, actor, ticket, services.clock.now()),
        channel=channel_of(ticket),
        others=others[:MAX_OTHERS],
        all_path=f"/inbox{ListAddress(customer=ticket.distinct_id).query}",
        query=query,
    )


def _in_field(at: datetime | None, timezone: str) -> str:
    return at.astimezone(zone(timezone)).strftime("%Y-%m-%dT%H:%M") if at else ""


def _is_mine(ticket: TicketOut, actor: Actor) -> bool:
    found = ticket.assignee
    return found is not None and found.type == "user" and found.id == actor.user_id


def may_delete(actor: Actor, ticket: TicketOut) -> bool:
    """Say whether the caller may delete a ticket: as soon as somebody has set a level, it takes a manager."""
    return ticket.user_access_level == "manager" or actor.rights is None


async def show_changed(
    request: ParleyRequest, services: Services, actor: Actor, number: int
) -> Response[Any]:
    """Answer a form that changed a ticket: a script gets the right-hand side anew, a browser is sent to the ticket."""
    query = ListAddress.of(request.query_params).query
    if not is_htmx(request):
        return redirect(f"/inbox/{number}{query}")
    ticket = await ticket_by_key(services.database, actor, str(number))
    return page(
        request, "ticket_details/_changed.html", DetailsPart(await details_of(services, actor, ticket, query))
    )


def _priorities(ticket: TicketOut) -> list[Option]:
    none = Option("", "None", ticket.priority is None)
    return [none, *(Option(key, name, key == ticket.priority) for key, name in PRIORITY_NAMES.items())]


def _assignees(ticket: TicketOut, people: Sequence[Assignable]) -> list[Option]:
    chosen = f"{ticket.assignee.type}:{ticket.assignee.id}" if ticket.assignee else ""
    options = [Option("", "Unassigned", not chosen)]
    options += [Option(one.key, one.label, one.key == chosen) for one in people]
    if chosen and not any(option.is_chosen for option in options):
        # Somebody who has left the organization may still have tickets.
        left = ticket.assignee.user.email if ticket.assignee and ticket.assignee.user else "Somebody who left"
        options.append(Option(chosen, left, True))
    return options


def _snoozes(ticket: TicketOut, timezone: str, now: datetime) -> list[Option]:
    until = ticket.snoozed_until
    first = [Option("", "Not snoozed", True)]
    if until is not None:
        first = [Option(AS_IT_IS, _short_time(until, timezone, now), True), Option("", "Wake up now")]
    return [*first, *(Option(key, name) for key, name in SNOOZES.items())]


def _short_time(at: datetime, timezone: str, now: datetime) -> str:
    """Return a moment so short that the field shows all of it: the weekday, or the year where it is another one."""
    here = at.astimezone(zone(timezone))
    if here.year == now.astimezone(zone(timezone)).year:
        return f"{here:%a} {here.day} {here:%b}, {here:%H:%M}"
    return f"{here.day} {here:%b} {here.year}, {here:%H:%M}"


def snooze_end(key: str, now: datetime, timezone: str) -> datetime | None:
    """Return when a snooze ends, by the clock on the wall of the project's time zone; None ends one. Raises Invalid."""
    if key == "hour":
        return now + timedelta(hours=1)
    if key == "week":
        return now + timedelta(days=7)
    here = now.astimezone(zone(timezone))
    if key == "tomorrow":
        return _morning(here, 1)
    if key == "monday":
        return _morning(here, 7 - here.weekday())
    if key:
        raise Invalid("Choose one of the times until which a conversation can be snoozed.", attr="snooze")
    return None


def _morning(here: datetime, days: int) -> datetime:
    return (here + timedelta(days=days)).replace(hour=MORNING, minute=0, second=0, microsecond=0)


def lead_to(path: str) -> Response[Any]:
    """Have a script show another conversation in the place of the one that is open."""
    location = {"path": path, "target": "#ticket", "swap": "innerHTML"}
    return Response(
        None,
        status_code=200,
        media_type="text/plain",
        headers={"HX-Location": msgspec.json.encode(location).decode(), "Cache-Control": "no-store"},
    )
