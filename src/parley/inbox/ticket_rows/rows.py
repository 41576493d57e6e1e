"""The list of tickets with its filters, as the templates are given it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from parley.conversations.saved_views.queries import ViewChoice
from parley.conversations.sla.rules import sla_state
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.customers import assignee_of, name_of, subject_of
from parley.inbox.ticket_rows.names import (
    ACTIVE,
    PRIORITY_NAMES,
    SLA_NAMES,
    STATUS_NAMES,
    WHO,
    Choice,
    Option,
    shortened,
)
from parley.inbox.ticket_rows.queries import InboxPage


class Due(msgspec.Struct, frozen=True):
    """When an answer is due; `state` is breached, at-risk or on-track, as lists are filtered by it."""

    at: datetime
    state: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in the list."""

    number: int
    path: str
    name: str
    text: str
    at: datetime
    unread: int
    status: str
    priority: str | None
    assignee: str | None
    tags: Sequence[str]
    due: Due | None
    is_snoozed: bool


class ListView(msgspec.Struct, frozen=True, kw_only=True):
    """The list with its filters."""

    rows: Sequence[Row]
    address: ListAddress
    count: int | None
    n_unread: int
    selected: int | None
    older_path: str | None
    demo_progress: str | None
    whose: Sequence[Choice]
    statuses: Sequence[Choice]
    filters: "Filters"


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """The choices of the form above the list."""

    views: Sequence["Option"]
    priorities: Sequence["Option"]
    slas: Sequence["Option"]


def due_of(ticket: TicketOut, now: datetime) -> Due | None:
    """Return when an answer is due, as long as one is: on a resolved ticket it isn't, though the list's filter finds it."""
    at = ticket.sla_due_at
    if at is None or ticket.status == "resolved":
        return None
    return Due(at, sla_state(at, now))


def _without_words(ticket: TicketOut) -> str:
    """Return what stands for a conversation whose last message has no text, or that has no message."""
    return "No messages yet" if ticket.last_message_at is None else "A file, without words"


def row_of(ticket: TicketOut, address: ListAddress, names: Mapping[str, str], now: datetime) -> Row:
    """Make a row of the list."""
    return Row(
        number=ticket.ticket_number,
        path=f"/inbox/{ticket.ticket_number}{address.query}",
        name=name_of(ticket),
        text=shortened(subject_of(ticket) or ticket.last_message_text or _without_words(ticket), 160),
        at=ticket.last_message_at or ticket.created_at,
        unread=ticket.unread_team_count,
        status=ticket.status,
        priority=ticket.priority,
        assignee=assignee_of(ticket, names),
        tags=ticket.tags,
        due=due_of(ticket, now),
        is_snoozed=ticket.snoozed_until is not None,
    )


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows beside the tickets; `names` are those of the people and roles that can be assigned."""

    counts: Mapping[str, int]
    names: Mapping[str, str]
    views: Sequence[ViewChoice]
    n_unread: int
    demo_progress: str | None
    now: datetime


def list_view(
    found: InboxPage, address: ListAddress, around: Surroundings, *, selected: int | None
) -> ListView:
    """Make the list with its filters."""
    older = msgspec.structs.replace(address, after=found.cursor) if found.cursor else None
    return ListView(
        rows=[row_of(ticket, address, around.names, around.now) for ticket in found.tickets],
        address=address,
        count=found.count,
        n_unread=around.n_unread,
        selected=selected,
        older_path=f"/inbox{older.query}" if older else None,
        demo_progress=around.demo_progress,
        whose=[
            Choice(key, name, f"/inbox{address.replaced(who=key).query}", key == address.who)
            for key, name in WHO.items()
        ],
        statuses=_statuses(address, around.counts),
        filters=_filters(address, around.views),
    )


def _filters(address: ListAddress, views: Sequence[ViewChoice]) -> Filters:
    everything = Option("", "All conversations", not address.view)
    saved = [Option(one.short_id, shortened(one.name, 80), one.short_id == address.view) for one in views]
    return Filters(
        views=[everything, *saved] if saved else [],
        priorities=_options("Any priority", PRIORITY_NAMES, address.priority),
        slas=_options("Any due time", SLA_NAMES, address.sla),
    )


def _options(anything: str, names: Mapping[str, str], chosen: str) -> list[Option]:
    any_of_them = Option("", anything, not chosen)
    return [any_of_them, *(Option(key, name, key == chosen) for key, name in names.items())]


def _statuses(address: ListAddress, counts: Mapping[str, int]) -> list[Choice]:
    named = {"active": "Not resolved", **STATUS_NAMES, "all": "Every status"}
    summed = {**counts, "active": sum(counts[status] for status in ACTIVE), "all": sum(counts.values())}
    # The counts are those of the whole project.
    shown = summed if address.is_plain else {}
    if address.view:
        named = {"": "Statuses of the view", **named}
    return [
        Choice(
            key,
            name,
            f"/inbox{address.replaced(status=key).query}",
            key == address.chosen_status,
            shown.get(key),
        )
        for key, name in named.items()
    ]
